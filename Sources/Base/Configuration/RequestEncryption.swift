/// `pusher.encryption`: whether requests come end-to-end encrypted.
public enum RequestEncryption: String, CaseIterable, Sendable {
    /// Only in clear, as the original base takes them.
    case off
    /// Either way, for the time in which a dashboard is changed over. A broker could still send its own in clear.
    case preferred
    /// Only encrypted: the broker can neither read requests nor make them.
    case required

    static let plainChannel = "private-requests"
    static let encryptedChannel = "private-encrypted-requests"

    /// The channels that the base listens to.
    var channels: [String] {
        switch self {
        case .off: [Self.plainChannel]
        case .preferred: [Self.plainChannel, Self.encryptedChannel]
        case .required: [Self.encryptedChannel]
        }
    }
}
