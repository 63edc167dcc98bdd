/// The loader's commands.
///
/// Source: Espressif's serial protocol. The ESP8266's ROM knows those up to `readRegister`; the others need a stub.
public enum Opcode: UInt8, Sendable, CaseIterable {
    case flashBegin = 0x02
    case flashData = 0x03
    case flashEnd = 0x04
    case memoryBegin = 0x05
    case memoryEnd = 0x06
    case memoryData = 0x07
    case sync = 0x08
    case writeRegister = 0x09
    case readRegister = 0x0A
    case setSPIParameters = 0x0B
    case attachSPI = 0x0D
    case changeBaud = 0x0F
    case flashCompressedBegin = 0x10
    case flashCompressedData = 0x11
    case flashCompressedEnd = 0x12
    case flashMD5 = 0x13
    case stubHello = 0x40
    case stubAccess = 0x41
    case stubSectorDigests = 0x42
    case stubWrite = 0x43
    case stubPacket = 0x44
    case stubRead = 0x45
    case stubDigest = 0x46
    case eraseFlash = 0xD0
    case eraseRegion = 0xD1
    case readFlash = 0xD2
    case runUserCode = 0xD3

    /// Whether the ESP8266's ROM knows it.
    public var isKnownToROM: Bool { rawValue <= Opcode.readRegister.rawValue }

    /// Whether it is one of our own stub's, whose requests and answers carry a CRC.
    public var isChecked: Bool { rawValue >> 4 == 4 }
}
