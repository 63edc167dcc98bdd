/// What the files of an outbox are called: 20 decimal digits, the lowest sequence of a segment, and what they are.
enum OutboxNames {
    enum Kind: String {
        case segment
        case acknowledgements = "acks"
        /// Being written; worth nothing before it is renamed.
        case unfinished = "tmp"
        /// A damaged segment as it was found.
        case corrupt
    }

    /// No outbox ever comes so far: at a million a second after 290 000 years. A file of such a name is not ours.
    private static let mostSequence: UInt64 = 1 << 63

    static func name(_ first: UInt64, _ kind: Kind) -> String {
        digits(first) + "." + kind.rawValue
    }

    /// Names in the order of their numbers.
    static func digits(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }

    /// Nil for what is not ours.
    static func read(_ name: String) -> (first: UInt64, kind: Kind)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = UInt64(parts[0]), first < mostSequence,
            let kind = Kind(rawValue: String(parts[1])),
            self.name(first, kind) == name
        else { return nil }
        return (first, kind)
    }
}
