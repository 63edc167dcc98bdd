/// Why no connection is begun. Each says what to do.
public enum PeerLinkError: Error, Equatable, Sendable, CustomStringConvertible {
    case notAnAddress(String)
    case cannotBind(host: String, port: UInt16, reason: String)
    case unknownHost(String, reason: String)
    case bothLite
    case answerIsNotOne
    case tooManyPeers(most: Int)
    case tooManyHalfOpen(most: Int)
    case tooManyAttempts(perSecond: Int)
    case tooManyChannels(most: Int)
    case badChannel(String)
    case noAddresses
    case closed
    case library(String)

    /// Whether a limit on how many come refused it, and not what they said.
    var isCrowding: Bool {
        switch self {
        case .tooManyPeers, .tooManyHalfOpen, .tooManyAttempts: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .notAnAddress(let text): "\(text) is no IP address; give one such as 192.168.1.10"
        case .cannotBind(let host, let port, let reason): "cannot open UDP port \(port) of \(host): \(reason)"
        case .unknownHost(let name, let reason): "the STUN server \(name) has no address: \(reason)"
        case .bothLite:
            "the peer only answers checks (ice-lite), as this side does; let this side make the offer instead"
        case .answerIsNotOne: "the answer says setup:actpass; an answer says active or passive"
        case .tooManyPeers(let most): "there are \(most) peers already, which is the limit (peers)"
        case .tooManyHalfOpen(let most):
            "\(most) peers are being connected already, which is the limit (halfOpen); try again later"
        case .tooManyAttempts(let rate):
            "more than \(rate) connections a second were asked for, which is the limit (attemptsPerSecond); try again later"
        case .tooManyChannels(let most): "the connection has \(most) channels already, which is the limit (channels)"
        case .badChannel(let what): what
        case .noAddresses: "there is no interface with an address that a peer could reach; name one in addresses"
        case .closed: "the connection is closed"
        case .library(let what): what
        }
    }
}
