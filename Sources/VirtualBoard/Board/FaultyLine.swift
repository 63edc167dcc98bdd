/// A board's line with its faults, the same for the same seed.
struct FaultyLine: Sendable {
    /// What else happens when bytes pass.
    enum Event: Sendable, Equatable {
        case vanish
        case brownOut
        case silence(Duration)
        case stuck
    }

    private let faults: [LineFault]
    private var random: SeededRandom
    /// Bytes from the host.
    private var heard = 0

    init(_ faults: [LineFault], seed: UInt64) {
        self.faults = faults
        random = SeededRandom(seed: seed)
    }

    /// What the chip hears of bytes from the host, and what happens on their way.
    mutating func toChip(_ bytes: [UInt8], baud: Int) -> (bytes: [UInt8], events: [Event]) {
        let before = heard
        heard += bytes.count
        func passes(_ count: Int) -> Bool { before < count && heard >= count }
        let events = faults.compactMap { fault -> Event? in
            switch fault {
            case .stuck(let count): passes(count) ? .stuck : nil
            case .vanish(let count): passes(count) ? .vanish : nil
            case .brownOut(let count): passes(count) ? .brownOut : nil
            case .silent(let count, let time): passes(count) ? .silence(time) : nil
            case .drop, .repeat, .flip, .flipAbove, .badSector, .smallFlash: nil
            }
        }
        return (disturbed(bytes, baud: baud), events)
    }

    /// What the host hears of bytes from the chip.
    mutating func toHost(_ bytes: [UInt8], baud: Int) -> [UInt8] {
        disturbed(bytes, baud: baud)
    }

    private mutating func disturbed(_ bytes: [UInt8], baud: Int) -> [UInt8] {
        guard !faults.isEmpty else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            var copies = [byte]
            for fault in faults {
                switch fault {
                case .drop(let share) where random.isHit(share): copies = []
                case .repeat(let share) where random.isHit(share): copies += copies
                case .flip(let share) where random.isHit(share): copies = copies.map { flipped($0) }
                case .flipAbove(let share, let limit) where baud > limit && random.isHit(share):
                    copies = copies.map { flipped($0) }
                default: break
                }
            }
            result += copies
        }
        return result
    }

    private mutating func flipped(_ byte: UInt8) -> UInt8 { byte ^ 1 << UInt8(random.next() % 8) }
}
