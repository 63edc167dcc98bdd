/// Takes a Telnet stream apart, as it comes: data, negotiations, subnegotiations.
///
/// Source: RFC 854 (IAC doubling, commands), RFC 855 (options).
public struct TelnetDecoder: Sendable {
    public enum Event: Sendable, Equatable {
        case data([UInt8])
        case negotiation(TelnetVerb, option: UInt8)
        /// What stands between IAC SB and IAC SE: the option, and its content without doubling.
        case subnegotiation(option: UInt8, [UInt8])
        /// Longer than any that is known; dropped.
        case oversized
    }

    private enum State: Sendable {
        case data
        case command
        case negotiation(TelnetVerb)
        case inside
        case insideCommand
    }

    /// No subnegotiation of RFC 2217 but the signature is longer.
    static let longestSubnegotiation = 256

    private var state = State.data
    private var content: [UInt8] = []

    public init() {}

    public mutating func decode(_ bytes: some Sequence<UInt8>) -> [Event] {
        var events: [Event] = []
        var data: [UInt8] = []
        for byte in bytes {
            guard let event = take(byte, &data) else { continue }
            if !data.isEmpty { events.append(.data(data)) }
            data = []
            events.append(event)
        }
        if !data.isEmpty { events.append(.data(data)) }
        return events
    }

    private mutating func take(_ byte: UInt8, _ data: inout [UInt8]) -> Event? {
        switch state {
        case .data where byte == Telnet.iac: state = .command
        case .data: data.append(byte)
        case .command: return takeCommand(byte, &data)
        case .negotiation(let verb):
            state = .data
            return .negotiation(verb, option: byte)
        case .inside where byte == Telnet.iac: state = .insideCommand
        case .inside: keep(byte)
        case .insideCommand where byte == Telnet.iac:
            state = .inside
            keep(byte)
        case .insideCommand:
            // Anything but SE is an error of the peer's; the subnegotiation ends there all the same.
            state = .data
            guard content.count <= Self.longestSubnegotiation else { return .oversized }
            return content.first.map { .subnegotiation(option: $0, Array(content.dropFirst())) }
        }
        return nil
    }

    private mutating func takeCommand(_ byte: UInt8, _ data: inout [UInt8]) -> Event? {
        state = .data
        if byte == Telnet.iac {
            data.append(byte)
        } else if byte == Telnet.subnegotiation {
            content = []
            state = .inside
        } else if let verb = TelnetVerb(rawValue: byte) {
            state = .negotiation(verb)
        }
        return nil
    }

    private mutating func keep(_ byte: UInt8) {
        if content.count <= Self.longestSubnegotiation { content.append(byte) }
    }
}
