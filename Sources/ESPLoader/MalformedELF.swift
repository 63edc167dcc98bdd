/// Why a file is no program for this chip.
public enum MalformedELF: Error, Sendable, Equatable, CustomStringConvertible {
    case notELF
    case not32BitLittleEndian
    case otherMachine(UInt16)
    /// The file ends before, or outside of, what it announces.
    case truncated(String)
    /// So many sections lie in the flash's window; an image has room for one.
    case severalFlashSections(Int)
    case tooManySections(Int)
    case sectionsTooLarge
    /// What it lacks of a build of the ESP8266 Arduino core.
    case notArduino(String)

    public var description: String {
        switch self {
        case .notELF: "the file does not begin as an ELF file does"
        case .not32BitLittleEndian: "the ELF file is not 32-bit little-endian: it was not built for an ESP8266"
        case .otherMachine(let machine): "the ELF file is for machine \(machine), not for Xtensa (94)"
        case .severalFlashSections(let count):
            "the ELF file has \(count) sections in the flash's window (0x40200000); an image has room for one"
        case .sectionsTooLarge: "the ELF file's sections are larger than the file"
        case .tooManySections(let count): "the ELF file has \(count) sections to load; an image has room for 16"
        case .notArduino(let lack): "the ELF file \(lack)"
        case .truncated(let what): "the ELF file is cut off or wrong: \(what) lies outside of it"
        }
    }
}
