/// What a client asks of a serial server, and its answers. Source: RFC 2217, section 3.
public enum ComPortMessage: Sendable, Equatable {
    /// Bits a second; 0 asks for the speed at hand.
    case baud(UInt32)
    /// Data bits.
    case dataBits(UInt8)
    /// 1 none, 2 odd, 3 even, 4 mark, 5 space.
    case parity(UInt8)
    /// 1 one, 2 two, 3 one and a half.
    case stopBits(UInt8)
    case control(UInt8)
    case lineState(UInt8)
    case modemState(UInt8)
    case lineStateMask(UInt8)
    case modemStateMask(UInt8)
    /// 1 what was received, 2 what is to be sent, 3 both.
    case purge(UInt8)
    /// A number that has no meaning here, and what came with it.
    case other(UInt8, [UInt8])

    /// Values of ``control(_:)``.
    public enum Control {
        public static let noFlowControl: UInt8 = 1
        public static let dtrOn: UInt8 = 8
        public static let dtrOff: UInt8 = 9
        public static let rtsOn: UInt8 = 11
        public static let rtsOff: UInt8 = 12
    }

    public static let purgeReceived: UInt8 = 1

    /// A server's number is the client's with this added.
    private static let serverOffset: UInt8 = 100

    /// Reads the content of a subnegotiation of ``Telnet/Option/comPort``; nil where a value is missing.
    ///
    /// - Parameter fromServer: Whether a server has sent it.
    public init?(_ content: [UInt8], fromServer: Bool) {
        guard let first = content.first else { return nil }
        let value = Array(content.dropFirst())
        guard !fromServer || first >= Self.serverOffset else { return nil }
        let number = fromServer ? first - Self.serverOffset : first
        if number == 1 {
            guard value.count >= 4 else { return nil }
            self = .baud(value.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
            return
        }
        guard let make = Self.ofOneByte[number] else {
            self = .other(number, value)
            return
        }
        guard let byte = value.first else { return nil }
        self = make(byte)
    }

    private static let ofOneByte: [UInt8: @Sendable (UInt8) -> ComPortMessage] = [
        2: { .dataBits($0) }, 3: { .parity($0) }, 4: { .stopBits($0) }, 5: { .control($0) }, 6: { .lineState($0) },
        7: { .modemState($0) }, 10: { .lineStateMask($0) }, 11: { .modemStateMask($0) }, 12: { .purge($0) },
    ]

    /// The whole subnegotiation as it goes over the wire.
    public func encoded(fromServer: Bool) -> [UInt8] {
        let (number, value) = content
        return Telnet.subnegotiation(
            option: Telnet.Option.comPort, [fromServer ? number + Self.serverOffset : number] + value)
    }

    private var content: (number: UInt8, value: [UInt8]) {
        switch self {
        case .baud(let rate): (1, [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rate >> UInt32($0)) })
        case .dataBits(let value): (2, [value])
        case .parity(let value): (3, [value])
        case .stopBits(let value): (4, [value])
        case .control(let value): (5, [value])
        case .lineState(let value): (6, [value])
        case .modemState(let value): (7, [value])
        case .lineStateMask(let value): (10, [value])
        case .modemStateMask(let value): (11, [value])
        case .purge(let value): (12, [value])
        case .other(let number, let value): (number & 0x7F, value)
        }
    }
}
