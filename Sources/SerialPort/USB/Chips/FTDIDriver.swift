/// FTDI's FT232R, FT231X, FT232H, FT2232 and FT4232.
///
/// Source: Linux's driver ftdi_sio, FTDI AN120 (divisors).
struct FTDIDriver: USBSerialDriver {
    /// The interface's number; the chip counts its ports from 1.
    var interface: UInt8 = 0
    /// The later chips, and those of several ports, have the divisor's highest bit in the index's upper byte, and the port
    /// in its place.
    var hasPortBesideDivisor = false
    let transferSize = 512

    static let bauds = 184...3_000_000

    /// - Parameters:
    ///   - product: The chip's `idProduct`. An FT232H has one port, and takes the divisor as those with several do.
    ///   - lineCount: How many ports it has.
    init(product: UInt16, interface: UInt8, lineCount: Int) {
        self.init(interface: interface, hasPortBesideDivisor: lineCount > 1 || product == Self.ft232H)
    }

    init(interface: UInt8 = 0, hasPortBesideDivisor: Bool = false) {
        self.interface = interface
        self.hasPortBesideDivisor = hasPortBesideDivisor
    }

    private static let ft232H: UInt16 = 0x6014
    /// Eighths of 3 MHz.
    private static let clock = 24_000_000
    private static let statusSize = 2

    private var port: UInt16 { UInt16(interface) + 1 }

    private enum Request {
        static let reset: UInt8 = 0
        static let modemLines: UInt8 = 1
        static let flow: UInt8 = 2
        static let baud: UInt8 = 3
        static let data: UInt8 = 4
        static let latency: UInt8 = 9
    }
    private enum Reset {
        static let all: UInt16 = 0
        static let received: UInt16 = 1
        static let toSend: UInt16 = 2
    }

    func opening(baud: Int) throws(BaudError) -> [USBControlRequest] {
        [
            out(Request.reset, Reset.all),
            out(Request.reset, Reset.received),
            out(Request.reset, Reset.toSend),
            // Milliseconds until an incomplete packet goes out; 16 at first, a round trip each.
            out(Request.latency, 1),
            out(Request.flow, 0),
            out(Request.data, 8),
            try setting(baud: baud),
            setting(dtr: false, rts: false),
        ]
    }

    func setting(baud: Int) throws(BaudError) -> USBControlRequest {
        let divisor = try Divisor(baud: baud)
        let high = divisor.encoded.high
        return USBControlRequest(
            0x40, Request.baud, value: divisor.encoded.low, index: hasPortBesideDivisor ? high << 8 | port : high)
    }

    /// The upper byte says which lines are meant.
    func setting(dtr: Bool, rts: Bool) -> USBControlRequest {
        out(Request.modemLines, 0x0300 | (dtr ? 1 : 0) | (rts ? 2 : 0))
    }

    var discardingInput: [USBControlRequest] { [out(Request.reset, Reset.received)] }

    /// Every packet begins with the modem's and the line's status.
    func payload(of transfer: [UInt8], packetSize: Int) -> [UInt8] {
        stride(from: 0, to: transfer.count, by: packetSize).reduce(into: []) { payload, start in
            payload += transfer[start..<min(start + packetSize, transfer.count)].dropFirst(Self.statusSize)
        }
    }

    private func out(_ request: UInt8, _ value: UInt16) -> USBControlRequest {
        USBControlRequest(0x40, request, value: value, index: port)
    }

    /// baud = 3 MHz / (whole + eighths / 8).
    struct Divisor: Equatable {
        /// In eighths: 8, 12, or from 16 to 2^17 - 1.
        var eighths: Int

        init(baud: Int) throws(BaudError) {
            guard FTDIDriver.bauds.contains(baud) else { throw .outOfRange(baud, chip: "FTDI", FTDIDriver.bauds) }
            let nearest = (FTDIDriver.clock + baud / 2) / baud
            // Between 1 and 2 there is only 1.5.
            eighths =
                nearest >= 16
                ? nearest
                : [8, 12, 16].min { abs(FTDIDriver.clock / $0 - baud) < abs(FTDIDriver.clock / $1 - baud) } ?? 8
            try BaudError.check(baud, is: self.baud, chip: "FTDI")
        }

        /// The speed that the line has.
        var baud: Int { FTDIDriver.clock / eighths }

        /// The lower sixteen bits and what is above them.
        var encoded: (low: UInt16, high: UInt16) {
            switch eighths {
            case 8: return (0, 0)
            case 12: return (1, 0)
            default:
                // The codes of 0, 1/8 ... 7/8 are not in their order.
                let fraction: (low: UInt16, high: UInt16) = [
                    (0, 0), (0xC000, 0), (0x8000, 0), (0, 1), (0x4000, 0), (0x4000, 1), (0x8000, 1), (0xC000, 1),
                ][eighths & 7]
                return (UInt16(eighths >> 3) | fraction.low, fraction.high)
            }
        }
    }
}
