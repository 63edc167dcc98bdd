/// The clock of the flash, the low nibble of an image header's fourth byte.
public enum FlashFrequency: UInt8, Sendable, CaseIterable {
    case megahertz40 = 0x0
    case megahertz26 = 0x1
    case megahertz20 = 0x2
    case megahertz80 = 0xF

    /// `40m`, as users of flashing tools know it.
    public var name: String {
        switch self {
        case .megahertz40: "40m"
        case .megahertz26: "26m"
        case .megahertz20: "20m"
        case .megahertz80: "80m"
        }
    }

    public init?(name: String) {
        guard let frequency = Self.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
        self = frequency
    }
}
