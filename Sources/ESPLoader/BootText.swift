/// What the ROM says of its start: ` ets Jan  8 2013,rst cause:2, boot mode:(3,6)`, at 74880 baud with a crystal of 26 MHz.
///
/// Source: Espressif's "ESP8266 Boot Mode": the first number of the boot mode holds the straps GPIO15, GPIO0, GPIO2 as bits.
public struct BootText: Sendable, Equatable {
    /// Why the chip has started: 1 power, 2 the reset pin, 3 software, 4 a watchdog.
    public var resetCause: Int
    /// The straps: 1 is the loader, 3 the flash.
    public var straps: Int

    /// The speed of the text (bits a second).
    public static let baud = 74_880

    public var isLoader: Bool { straps == 1 }

    /// The last such text in `bytes`; nil where there is none.
    public init?(in bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let found = text.matches(of: /rst cause:(\d{1,2}), boot mode:\((\d{1,2}),\d{1,2}\)/).last,
            let cause = Int(found.1), let straps = Int(found.2)
        else { return nil }
        resetCause = cause
        self.straps = straps
    }
}
