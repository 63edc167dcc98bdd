/// Why an interface is not started, or ends.
enum InterfaceError: Error, Equatable, Sendable, CustomStringConvertible {
    case folder(String, reason: String)
    case unexpected(String, line: String)
    case hubEnded(status: String)
    case refused(device: Int, why: String)
    case noConnections(String)
    case noToken
    case token(path: String, reason: String)

    var description: String {
        switch self {
        case .folder(let path, let reason):
            "the folder \(path) cannot be used: \(reason); name another one with --state"
        case .unexpected(let name, let line): "the \(name) said \"\(line.prefix(200))\", which is not understood"
        case .hubEnded(let status): "the hub has ended (\(status)); its own message stands above"
        case .refused(let device, let why):
            "it cannot stream as device \(device): \(why); the hub wants to have that device, and a token with the ability device, or a "
                + "ticket to stream as it"
        case .noConnections(let why): "\(why); --udp-host, --udp-port, --address and --stun say what is used"
        case .noToken:
            "a hub asks who streams: put a token with the ability device, or a ticket, into the environment as IOT_TOKEN, or into a file for --token-file"
        case .token(let path, let reason): "the token's file \(path) cannot be read: \(reason)"
        }
    }
}
