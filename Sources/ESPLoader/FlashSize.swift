/// The size of the flash chip, as the high nibble of an image header's fourth byte says it.
///
/// `2MB-c1` and `4MB-c1` are the same chips as `2MB` and `4MB` with another map of the two firmware halves.
public enum FlashSize: UInt8, Sendable, CaseIterable {
    case kilobytes512 = 0x00
    case kilobytes256 = 0x10
    case megabytes1 = 0x20
    case megabytes2 = 0x30
    case megabytes4 = 0x40
    case megabytes2C1 = 0x50
    case megabytes4C1 = 0x60
    case megabytes8 = 0x80
    case megabytes16 = 0x90

    public var bytes: Int {
        switch self {
        case .kilobytes256: 256 << 10
        case .kilobytes512: 512 << 10
        case .megabytes1: 1 << 20
        case .megabytes2, .megabytes2C1: 2 << 20
        case .megabytes4, .megabytes4C1: 4 << 20
        case .megabytes8: 8 << 20
        case .megabytes16: 16 << 20
        }
    }

    /// The name that users of flashing tools know: `512KB`, `4MB`, `4MB-c1`.
    public var name: String {
        switch self {
        case .kilobytes256: "256KB"
        case .kilobytes512: "512KB"
        case .megabytes1: "1MB"
        case .megabytes2: "2MB"
        case .megabytes4: "4MB"
        case .megabytes2C1: "2MB-c1"
        case .megabytes4C1: "4MB-c1"
        case .megabytes8: "8MB"
        case .megabytes16: "16MB"
        }
    }

    public init?(name: String) {
        guard let size = Self.allCases.first(where: { $0.name.lowercased() == name.lowercased() }) else { return nil }
        self = size
    }

    /// The plain size of this many bytes.
    public init?(bytes: Int) {
        guard let size = Self.allCases.first(where: { $0.bytes == bytes }) else { return nil }
        self = size
    }
}
