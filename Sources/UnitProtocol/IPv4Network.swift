/// A block of IPv4 addresses in CIDR notation (RFC 4632).
public struct IPv4Network: Hashable, Sendable, CustomStringConvertible {
    /// The first address of the block.
    public var base: IPv4Address
    /// The number of leading bits that all its addresses share, 0 to 32.
    public var prefixLength: Int

    /// The private networks of RFC 1918.
    public static let rfc1918 = [
        IPv4Network(base: IPv4Address(bits: 0x0A00_0000), prefixLength: 8),
        IPv4Network(base: IPv4Address(bits: 0xAC10_0000), prefixLength: 12),
        IPv4Network(base: IPv4Address(bits: 0xC0A8_0000), prefixLength: 16),
    ]

    private init(base: IPv4Address, prefixLength: Int) {
        self.base = base
        self.prefixLength = prefixLength
    }

    /// Reads `192.168.1.0/24`, or a single address as a block of one.
    ///
    /// - Throws: ``AddressError`` when it is neither, or when host bits are set (`192.168.1.7/24`).
    public init(_ text: String) throws {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = try? IPv4Address(String(parts[0])) else { throw AddressError.notANetwork(text) }
        guard parts.count == 2 else {
            self.init(base: base, prefixLength: 32)
            return
        }
        guard (1...2).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1]), length <= 32
        else { throw AddressError.notANetwork(text) }
        let network = IPv4Network(base: IPv4Address(bits: base.bits & Self.mask(length)), prefixLength: length)
        guard network.base == base else { throw AddressError.hostBitsSet(text, network: network.description) }
        self = network
    }

    public func contains(_ address: IPv4Address) -> Bool {
        address.bits & Self.mask(prefixLength) == base.bits
    }

    /// How many addresses the block has, network and broadcast address included.
    public var count: Int {
        1 << (32 - prefixLength)
    }

    public var description: String {
        "\(base)/\(prefixLength)"
    }

    private static func mask(_ length: Int) -> UInt32 {
        length == 0 ? 0 : ~UInt32(0) << (32 - length)
    }
}
