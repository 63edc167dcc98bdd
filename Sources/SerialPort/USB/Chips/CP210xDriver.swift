/// Silicon Labs' CP2102 to CP2108 and CP2102N.
///
/// Source: Silicon Labs AN571, Linux's driver cp210x.
struct CP210xDriver: USBSerialDriver {
    /// The interface's number: the chips with several ports have one for each.
    var interface: UInt8 = 0
    /// What the chip says of itself; nil where it does not.
    var part: Part?
    let transferSize = 512

    /// The parts whose limits differ.
    enum Part: UInt8, Sendable {
        case cp2102 = 0x02
        case cp2103 = 0x03
        case cp2104 = 0x04
        case cp2105 = 0x05
        case cp2108 = 0x08
        case cp2102NQFN28 = 0x20
        case cp2102NQFN24 = 0x21
        case cp2102NQFN20 = 0x22

        /// Bits a second that a line can do. A CP2105's second one is a plain UART, and slower.
        func bauds(interface: UInt8) -> ClosedRange<Int> {
            switch self {
            case .cp2102, .cp2103: 300...1_000_000
            case .cp2105 where interface > 0: 2400...921_600
            case .cp2104, .cp2105, .cp2108: 300...2_000_000
            case .cp2102NQFN28, .cp2102NQFN24, .cp2102NQFN20: 300...3_000_000
            }
        }
    }

    /// Asks which part it is; it answers with one byte, or not at all.
    static func partNumber(interface: UInt8) -> USBControlRequest {
        USBControlRequest(0xC0, 0xFF, value: 0x370B, index: UInt16(interface), .in(1))
    }

    /// A chip that does not say what it is refuses what it cannot do by itself.
    var bauds: ClosedRange<Int> { part?.bauds(interface: interface) ?? 300...3_000_000 }

    private enum Request {
        static let enable: UInt8 = 0x00
        static let lineControl: UInt8 = 0x03
        static let modemLines: UInt8 = 0x07
        static let purge: UInt8 = 0x12
        static let flow: UInt8 = 0x13
        static let baud: UInt8 = 0x1E
    }

    func opening(baud: Int) throws(BaudError) -> [USBControlRequest] {
        [
            out(Request.enable, 1),
            try setting(baud: baud),
            out(Request.lineControl, 0x0800),
            // No handshake of any kind.
            out(Request.flow, 0, [UInt8](repeating: 0, count: 16)),
            setting(dtr: false, rts: false),
        ]
    }

    /// The chip computes its divisor itself.
    func setting(baud: Int) throws(BaudError) -> USBControlRequest {
        guard bauds.contains(baud) else { throw .outOfRange(baud, chip: "CP210x", bauds) }
        return out(Request.baud, 0, withUnsafeBytes(of: UInt32(baud).littleEndian) { Array($0) })
    }

    /// The upper byte says which lines are meant.
    func setting(dtr: Bool, rts: Bool) -> USBControlRequest {
        out(Request.modemLines, 0x0300 | (dtr ? 1 : 0) | (rts ? 2 : 0))
    }

    /// Both of the receiver's queues.
    var discardingInput: [USBControlRequest] { [out(Request.purge, 0x000A)] }

    var closing: [USBControlRequest] { [out(Request.enable, 0)] }

    private func out(_ request: UInt8, _ value: UInt16, _ data: [UInt8] = []) -> USBControlRequest {
        USBControlRequest(0x41, request, value: value, index: UInt16(interface), .out(data))
    }
}
