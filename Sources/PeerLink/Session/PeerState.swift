/// Where a connection is.
public enum PeerState: Equatable, Sendable {
    case connecting
    case connected
    case closed(CloseReason)
}

/// Why a connection is over.
public enum CloseReason: Equatable, Sendable, CustomStringConvertible {
    /// This side closed it.
    case local
    /// The peer closed it.
    case remote
    /// The peer has not shown for 25 s that it is there.
    case vanished
    case notConnectedInTime
    /// No way to the peer was found.
    case noWay
    /// The peer's certificate is not the one that its description names.
    case wrongFingerprint
    /// What OpenSSL or usrsctp says.
    case failed(String)
    /// The peer does not take messages fast enough, on a channel whose policy is to close then.
    case tooSlow
    /// The peer said what the protocol has not.
    case violation(String)

    public var description: String {
        switch self {
        case .local: "closed here"
        case .remote: "closed by the peer"
        case .vanished: "the peer has been silent for 25 s"
        case .notConnectedInTime: "not connected in time"
        case .noWay: "no way to the peer was found"
        case .wrongFingerprint: "the peer's certificate is not the one of its description"
        case .failed(let why): why
        case .tooSlow: "the peer is too slow"
        case .violation(let what): "the peer breaks the protocol: \(what)"
        }
    }
}
