/// The bytes of Telnet. Source: RFC 854, RFC 856 (binary), RFC 858 (suppress go-ahead), RFC 2217 (COM port).
public enum Telnet {
    static let iac: UInt8 = 255
    static let subnegotiation: UInt8 = 250
    static let subnegotiationEnd: UInt8 = 240

    /// The options that a serial port needs.
    public enum Option {
        public static let binary: UInt8 = 0
        public static let echo: UInt8 = 1
        public static let suppressGoAhead: UInt8 = 3
        public static let comPort: UInt8 = 44
    }

    /// Data as it goes over the wire.
    public static func encode(_ data: some Sequence<UInt8>) -> [UInt8] {
        data.flatMap { $0 == iac ? [iac, iac] : [$0] }
    }

    public static func negotiation(_ verb: TelnetVerb, option: UInt8) -> [UInt8] {
        [iac, verb.rawValue, option]
    }

    public static func subnegotiation(option: UInt8, _ content: [UInt8]) -> [UInt8] {
        [iac, subnegotiation, option] + encode(content) + [iac, subnegotiationEnd]
    }
}

/// What one side of a Telnet connection wants, or agrees to.
public enum TelnetVerb: UInt8, Sendable {
    case will = 251
    case wont = 252
    case `do` = 253
    case dont = 254
}
