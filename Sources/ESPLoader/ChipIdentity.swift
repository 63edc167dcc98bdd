/// Which chip it is, as its eFuses say.
///
/// Source: Espressif's eFuse layout of the ESP8266 as hosts read it; the fields' places are in the initializer.
public struct ChipIdentity: Sendable, Equatable {
    public enum Model: String, Sendable {
        case esp8266EX = "ESP8266EX"
        /// The same with 1 MB of flash inside.
        case esp8285 = "ESP8285"
    }

    public var model: Model
    /// The station's address, six bytes.
    public var mac: [UInt8]

    /// Where the four words of eFuses stand.
    public static let registers: [UInt32] = [0x3FF0_0050, 0x3FF0_0054, 0x3FF0_0058, 0x3FF0_005C]
    /// What tells an ESP8266 from Espressif's other chips: a word of its ROM.
    public static let magic: (register: UInt32, value: UInt32) = (0x4000_1000, 0xFFF0_C101)

    /// - Parameter eFuses: The words of ``registers``.
    /// - Returns: Nil where the eFuses carry no address, which no chip leaves the factory with.
    public init?(eFuses: [UInt32]) {
        guard eFuses.count == 4 else { return nil }
        let vendor: [UInt8]
        switch (eFuses[3] & 0xFF_FFFF, eFuses[1] >> 16 & 0xFF) {
        case (0, 0): vendor = [0x18, 0xFE, 0x34]
        case (0, 1): vendor = [0xAC, 0xD0, 0x74]
        case (0, _): return nil
        case (let explicit, _): vendor = [16, 8, 0].map { UInt8(truncatingIfNeeded: explicit >> UInt32($0)) }
        }
        mac =
            vendor
            + [eFuses[1] >> 8, eFuses[1], eFuses[0] >> 24].map { UInt8(truncatingIfNeeded: $0) }
        // Bit 4 of the first word, bit 80 of all.
        let isESP8285 = eFuses[0] & 1 << 4 != 0 || eFuses[2] & 1 << 16 != 0
        model = isESP8285 ? .esp8285 : .esp8266EX
    }

    /// As it is written: `18:fe:34:12:34:56`.
    public var macText: String {
        mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}
