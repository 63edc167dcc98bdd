/// Who a peer is on the signalling server: letters and digits, in groups with a blank, a hyphen or an underscore between
/// them, which is what PeerJS takes as an id.
struct PeerID: Hashable, Sendable {
    static let maximumBytes = 64
    /// What only devices may be called; the device's number follows.
    static let devicePrefix = "unit-"

    let text: String

    /// Nil for a text that is no id.
    init?(_ text: String) {
        guard (1...Self.maximumBytes).contains(text.utf8.count),
            text.wholeMatch(of: /[A-Za-z0-9]+(?:[ _-][A-Za-z0-9]+)*/) != nil
        else { return nil }
        self.text = text
    }

    /// The id of a device: `unit-5`.
    init(device: Int64) {
        text = Self.devicePrefix + String(device)
    }

    /// The number of the device whose id this is; nil for everybody else.
    var device: Int64? {
        guard isReserved, let number = Int64(text.dropFirst(Self.devicePrefix.count)), number > 0,
            self == PeerID(device: number)
        else { return nil }
        return number
    }

    /// Whether it looks like a device's, so that nobody else takes it.
    var isReserved: Bool { text.hasPrefix(Self.devicePrefix) }
}
