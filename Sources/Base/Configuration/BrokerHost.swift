import NIOCore

/// A host as it can be resolved and verified: a name, or an IPv4 or IPv6 address, and nothing else.
struct BrokerHost: Equatable, Sendable {
    let text: String

    /// - Throws: ``BrokerHostError`` that says what would be right, as the end of a sentence.
    init(_ text: String) throws(BrokerHostError) {
        guard !text.contains("/"), !text.contains("@") else { throw .notAHost }
        if text.hasPrefix("[") {
            let inner = text.dropFirst().prefix { $0 != "]" }
            throw Self.isAddress(String(inner)) ? .brackets(String(inner)) : .notAHost
        }
        if !Self.isAddress(text) {
            if let colon = text.firstIndex(of: ":") {
                let (host, port) = (String(text[..<colon]), text[text.index(after: colon)...])
                throw Self.isName(host) && Int(port) != nil ? .port(host: host, port: String(port)) : .notAHost
            }
            guard Self.isName(text) else { throw .notAHost }
        }
        self.text = text
    }

    private static func isAddress(_ text: String) -> Bool {
        (try? SocketAddress(ipAddress: text, port: 0)) != nil
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-_.".utf8.contains(byte)
            }
    }
}

enum BrokerHostError: Error, Equatable, CustomStringConvertible {
    case notAHost
    case port(host: String, port: String)
    case brackets(String)

    var description: String {
        switch self {
        case .notAHost:
            "must be a host name or an address alone, without scheme, port or path, such as broker.example.org"
        case .port(let host, let port):
            "must be without the port: write \(host) here and \(port) as pusher.port"
        case .brackets(let address):
            "must be without brackets: write \(address)"
        }
    }
}
