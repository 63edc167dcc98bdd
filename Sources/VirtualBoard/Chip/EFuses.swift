/// The four words of eFuses from 0x3FF00050 on, which hold the MAC address.
public struct EFuses: Sendable, Equatable {
    public let words: [UInt32]
    /// The address of the station. It is kept beside the words, not read out of them: hosts have to find it in there.
    public let mac: [UInt8]

    static let address: UInt32 = 0x3FF0_0050

    /// The eFuses of a chip with the address `18:FE:34:…`, whose last three bytes are `serial`.
    public init(serial: (UInt8, UInt8, UInt8)) {
        // MAC bytes 3 to 5 are mac1[15:8], mac1[7:0] and mac0[31:24]; mac1[23:16] = 0 stands for 18:FE:34.
        words = [UInt32(serial.2) << 24, 0x0200_0000 | UInt32(serial.0) << 8 | UInt32(serial.1), 0x0000_B000, 0]
        mac = [0x18, 0xFE, 0x34, serial.0, serial.1, serial.2]
    }
}
