/// Text that is not an address or a network.
public enum AddressError: Error, Equatable, Sendable, CustomStringConvertible {
    case notAnAddress(String)
    case notANetwork(String)
    case hostBitsSet(String, network: String)

    public var description: String {
        switch self {
        case .notAnAddress(let text):
            "\"\(text.prefix(64))\" is not an IPv4 address; write four numbers such as 192.168.1.20"
        case .notANetwork(let text):
            "\"\(text.prefix(64))\" is not an IPv4 network; write one such as 192.168.1.0/24"
        case .hostBitsSet(let text, let network):
            "\"\(text)\" has bits set beyond its prefix; did you mean \(network)?"
        }
    }
}
