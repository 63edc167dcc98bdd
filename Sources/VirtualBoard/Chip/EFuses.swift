/// The four words of eFuses from 0x3FF00050 on, which hold the MAC address.
public struct EFuses: Sendable, Equatable {
    public var words: [UInt32]

    static let address: UInt32 = 0x3FF0_0050

    /// The eFuses of a chip with the address `18:FE:34:…`, whose last three bytes are `serial`.
    public init(serial: (UInt8, UInt8, UInt8)) {
        // MAC bytes 3 to 5 are mac1[15:8], mac1[7:0] and mac0[31:24]; mac1[23:16] = 0 stands for 18:FE:34.
        words = [UInt32(serial.2) << 24, 0x0200_0000 | UInt32(serial.0) << 8 | UInt32(serial.1), 0x0000_B000, 0]
    }

    /// The address of the station.
    public var mac: [UInt8] {
        let vendor: [UInt8]
        switch (words[3] & 0xFF_FFFF, (words[1] >> 16) & 0xFF) {
        case (0, 0): vendor = [0x18, 0xFE, 0x34]
        case (0, 1): vendor = [0xAC, 0xD0, 0x74]
        case (let explicit, _): vendor = [UInt8(explicit >> 16), UInt8(explicit >> 8 & 0xFF), UInt8(explicit & 0xFF)]
        }
        return vendor + [UInt8(words[1] >> 8 & 0xFF), UInt8(words[1] & 0xFF), UInt8(words[0] >> 24)]
    }
}
