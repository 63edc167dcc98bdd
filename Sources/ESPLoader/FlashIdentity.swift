/// What a flash answers to the command 9F: who made it, which kind it is, how large.
///
/// Source of the makers: JEDEC JEP106; of the sizes: the makers' datasheets, capacity as a power of two.
public struct FlashIdentity: Sendable, Equatable {
    public var manufacturer: UInt8
    public var kind: UInt8
    public var capacity: UInt8

    public init(manufacturer: UInt8, kind: UInt8, capacity: UInt8) {
        self.manufacturer = manufacturer
        self.kind = kind
        self.capacity = capacity
    }

    /// - Parameter bytes: The three bytes of the answer in the order in which they come.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 3 else { return nil }
        self.init(manufacturer: bytes[0], kind: bytes[1], capacity: bytes[2])
    }

    /// Nil where no flash answers (all bits equal), or with a capacity that no flash on such boards has.
    public var size: Int? {
        guard isPresent, (18...24).contains(capacity) else { return nil }
        return 1 << Int(capacity)
    }

    /// Whether a flash has answered: without one the line stays high or low.
    public var isPresent: Bool {
        let bytes = [manufacturer, kind, capacity]
        return bytes != [0, 0, 0] && bytes != [0xFF, 0xFF, 0xFF]
    }

    /// The maker's name; nil where it is not in the table.
    public var maker: String? { Self.makers[manufacturer] }

    private static let makers: [UInt8: String] = [
        0x01: "Spansion", 0x0B: "XTX", 0x1C: "EON", 0x1F: "Adesto", 0x20: "XMC", 0x5E: "Zbit", 0x68: "Boya",
        0x85: "Puya", 0x8C: "ESMT", 0x9D: "ISSI", 0xA1: "Fudan", 0xBF: "SST", 0xC2: "Macronix", 0xC8: "GigaDevice",
        0xEF: "Winbond", 0xF8: "Fidelix",
    ]

    /// `ef 40 16`.
    public var text: String {
        [manufacturer, kind, capacity].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }
}
