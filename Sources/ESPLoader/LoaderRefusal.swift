/// The error code with which a loader refuses a command.
///
/// Source: Espressif's serial protocol; C0 and above are the stub's.
public struct LoaderRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    public let code: UInt8

    public init(code: UInt8) {
        self.code = code
    }

    public static let badFormat = LoaderRefusal(code: 0x05)
    public static let failed = LoaderRefusal(code: 0x06)
    public static let badChecksum = LoaderRefusal(code: 0x07)
    public static let flashWrite = LoaderRefusal(code: 0x08)
    public static let flashRead = LoaderRefusal(code: 0x09)
    public static let readLength = LoaderRefusal(code: 0x0A)
    public static let badLength = LoaderRefusal(code: 0xC0)
    public static let badStubChecksum = LoaderRefusal(code: 0xC1)
    public static let badBlockSize = LoaderRefusal(code: 0xC2)
    public static let notInFlashMode = LoaderRefusal(code: 0xC6)
    public static let inflateFailed = LoaderRefusal(code: 0xC7)
    public static let tooMuchData = LoaderRefusal(code: 0xC9)
    public static let unknownCommand = LoaderRefusal(code: 0xFF)

    private static let words: [UInt8: String] = [
        0x05: "the message is malformed or its parameters are wrong",
        0x06: "the command failed",
        0x07: "the block's checksum is wrong",
        0x08: "writing to the flash failed",
        0x09: "reading from the flash failed",
        0x0A: "the length to read is wrong",
        0xC0: "the block's length is wrong",
        0xC1: "the block's checksum is wrong",
        0xC2: "the block's size is wrong",
        0xC3: "the command is not valid now",
        0xC4: "an operation of the flash chip failed",
        0xC5: "the flash chip stays write-protected",
        0xC6: "no write was begun",
        0xC7: "a block could not be inflated",
        0xC8: "there was less data than announced",
        0xC9: "there was more data than announced",
        0xFF: "the loader does not know the command",
    ]

    public var description: String {
        let digits = String(code, radix: 16, uppercase: true)
        let words = Self.words[code] ?? "the loader gave an error that is not documented"
        return "\(words) (\(digits.count < 2 ? "0" : "")\(digits))"
    }
}
