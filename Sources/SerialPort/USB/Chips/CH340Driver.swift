/// WCH's CH340 and CH341.
///
/// Source: Linux's driver ch341.
struct CH340Driver: USBSerialDriver {
    static let bauds = 46...2_000_000
    let transferSize = 512

    private static let clock = 48_000_000
    private enum Register {
        static let prescalerAndDivisor: UInt16 = 0x1312
        static let lineControl: UInt16 = 0x2518
    }
    /// Receiver and transmitter on, eight bits.
    private static let lineControl: UInt16 = 0x80 | 0x40 | 0x03

    func opening(baud: Int) throws(BaudError) -> [USBControlRequest] {
        [
            USBControlRequest(0xC0, 0x5F, value: 0, index: 0, .in(2)),
            USBControlRequest(0x40, 0xA1, value: 0, index: 0),
            try setting(baud: baud),
            Self.write(Register.lineControl, Self.lineControl),
            setting(dtr: false, rts: false),
        ]
    }

    func setting(baud: Int) throws(BaudError) -> USBControlRequest {
        Self.write(Register.prescalerAndDivisor, try Divisor(baud: baud).register)
    }

    /// The lines go out inverted.
    func setting(dtr: Bool, rts: Bool) -> USBControlRequest {
        USBControlRequest(0x40, 0xA4, value: ~((dtr ? 0x20 : 0) | (rts ? 0x40 : 0)), index: 0)
    }

    private static func write(_ register: UInt16, _ value: UInt16) -> USBControlRequest {
        USBControlRequest(0x40, 0x9A, value: register, index: value)
    }

    /// baud = 48 MHz / (2^(12 - 3 prescaler - factor) * divisor).
    struct Divisor: Equatable {
        /// 0 to 3.
        var prescaler: Int
        /// 0 or 1.
        var factor: Int
        /// 2 to 255, with the factor 1 from 9 on.
        var divisor: Int

        /// The nearest speed; of several ways to it the finest prescaler, and then the factor 0.
        init(baud: Int) throws(BaudError) {
            guard CH340Driver.bauds.contains(baud) else { throw .outOfRange(baud, chip: "CH340", CH340Driver.bauds) }
            var best: (way: Divisor, error: Int)?
            for prescaler in (0...3).reversed() {
                for factor in 0...1 {
                    let step = baud << (12 - 3 * prescaler - factor)
                    let divisor = (CH340Driver.clock + step / 2) / step
                    guard (factor == 0 ? 2...255 : 9...255).contains(divisor) else { continue }
                    let way = Divisor(prescaler: prescaler, factor: factor, divisor: divisor)
                    let error = abs(way.baud - baud)
                    if error < best?.error ?? .max { best = (way, error) }
                }
            }
            guard let way = best?.way else { throw .outOfRange(baud, chip: "CH340", CH340Driver.bauds) }
            try BaudError.check(baud, is: way.baud, chip: "CH340")
            self = way
        }

        private init(prescaler: Int, factor: Int, divisor: Int) {
            self.prescaler = prescaler
            self.factor = factor
            self.divisor = divisor
        }

        /// The speed that the line has.
        var baud: Int { CH340Driver.clock / (divisor << (12 - 3 * prescaler - factor)) }

        /// With the bit that hands bytes over at once instead of by full packets.
        var register: UInt16 { UInt16((0x100 - divisor) << 8 | 0x80 | factor << 2 | prescaler) }
    }
}
