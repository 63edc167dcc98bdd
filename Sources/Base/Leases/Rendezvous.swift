import UnitProtocol

/// Highest-random-weight hashing: every base comes to the same order of bases for a unit, and a base that comes or goes
/// changes the first of few units only.
enum Rendezvous {
    /// How much a unit leans to a base.
    static func weight(of base: String, for unit: IPv4Address) -> UInt64 {
        mix(hash(base.utf8) ^ mix(UInt64(unit.bits)))
    }

    /// The base to which a unit leans most; nil when there is none.
    static func first(of bases: some Sequence<String>, for unit: IPv4Address) -> String? {
        bases.max { (weight(of: $0, for: unit), $0) < (weight(of: $1, for: unit), $1) }
    }

    /// A digest of a set of units, to see whether two bases read the same; 16 hexadecimal digits.
    static func digest(_ units: some Sequence<IPv4Address>) -> String {
        let text = String(hash(units.sorted().map { "\($0)" }.joined(separator: " ").utf8), radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The last step of SplitMix64: each bit of the input changes half of the output's.
    private static func mix(_ value: UInt64) -> UInt64 {
        var value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
