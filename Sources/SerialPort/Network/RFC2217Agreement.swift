/// The client's side of what both ends of an RFC 2217 connection must agree on: binary in both directions, and the COM
/// port option by us. Echo and other options are refused.
struct RFC2217Agreement: Sendable {
    private var weAre: Set<UInt8> = []
    private var theyAre: Set<UInt8> = []
    private(set) var isRefused = false

    /// What each side may do.
    private static let known: Set<UInt8> = [
        Telnet.Option.binary, Telnet.Option.suppressGoAhead, Telnet.Option.comPort,
    ]

    /// What the client begins with.
    var opening: [UInt8] {
        typealias Option = Telnet.Option
        return Telnet.negotiation(.will, option: Option.comPort) + Telnet.negotiation(.will, option: Option.binary)
            + Telnet.negotiation(.do, option: Option.binary) + Telnet.negotiation(.will, option: Option.suppressGoAhead)
            + Telnet.negotiation(.do, option: Option.suppressGoAhead)
    }

    /// Servers do not always confirm what is binary anyhow; that they know the COM port option is what counts.
    var isReached: Bool { weAre.contains(Telnet.Option.comPort) }

    /// - Returns: The answer; empty where what the peer says is an answer itself, or changes nothing.
    mutating func take(_ verb: TelnetVerb, option: UInt8) -> [UInt8] {
        switch verb {
        case .do:
            guard Self.known.contains(option) else { return Telnet.negotiation(.wont, option: option) }
            // All of ours were offered in the opening, so this is the answer to it.
            weAre.insert(option)
            return []
        case .dont:
            if option == Telnet.Option.comPort { isRefused = true }
            weAre.remove(option)
            return []
        case .will:
            guard Self.known.contains(option) else { return Telnet.negotiation(.dont, option: option) }
            let isNew = theyAre.insert(option).inserted
            // The opening asks for all but the COM port option.
            return isNew && option == Telnet.Option.comPort ? Telnet.negotiation(.do, option: option) : []
        case .wont:
            theyAre.remove(option)
            return []
        }
    }
}
