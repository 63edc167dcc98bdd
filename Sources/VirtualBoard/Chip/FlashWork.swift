/// One command that the flash works on by itself, and what it makes of the sectors that it changes.
struct FlashWork: Sendable {
    struct Piece: Sendable {
        var sector: Int
        var before: [UInt8]
        var after: [UInt8]

        /// What is found where the power has gone in the midst: of the bits that were to change some have, others have not.
        func torn(_ random: inout SeededRandom) -> [UInt8] {
            zip(before, after).map { before, after in
                let changed = UInt8(truncatingIfNeeded: random.next())
                return before & ~changed | after & changed
            }
        }
    }

    var pieces: [Piece]
    /// How long it takes.
    var cost: Duration
    /// When it is done; nil until it is known when it begins.
    var ends: Duration?
    /// When it has begun, if it has one.
    var begins = Duration.zero
}
