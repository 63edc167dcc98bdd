import PeerLink

/// The command line.
struct ProbeOptions {
    struct Unknown: Error, CustomStringConvertible {
        let description: String
    }

    var configuration = PeerConfiguration()
    /// Of datagrams, either way.
    var loss = 0.0
    var seed: UInt64 = 1

    init(_ arguments: [String]) throws {
        configuration.host = "127.0.0.1"
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Unknown(description: "\(name) wants a value") }
            switch name {
            case "--host": configuration.host = value
            case "--address": configuration.addresses.append(value)
            case "--stun": configuration.stunServer = value
            case "--loss": loss = (Double(value) ?? 0) / 100
            case "--seed": seed = UInt64(value) ?? 1
            case "--max-message": configuration.limits.message = Int(value) ?? 0
            case "--peers": configuration.limits.peers = Int(value) ?? 0
            case "--channels": configuration.limits.channels = Int(value) ?? 0
            default: throw Unknown(description: "\(name) is not known")
            }
        }
    }
}
