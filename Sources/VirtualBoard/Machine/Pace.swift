/// How far the CPU may run, and whether its program only waits.
struct Pace {
    /// The most cycles that one call runs: what a slow host does in some hundredths of a second.
    static let slice = 200_000
    /// How far the CPU may be behind the owner's clock (ticks); what is more is left out.
    static let mostLag = Machine.frequency / 20
    private static let shortestTry = 500
    private static let longestTry = 1_600_000

    /// Whether the program goes around a loop in which only time or something from outside can change anything.
    var isWaiting = false
    /// The loop, as long as it is known to be one.
    var loop: WaitingLoop?
    /// What a look at the status of a busy flash takes beside its instructions (cycles): 20 us, so that to wait for the flash is
    /// no work.
    static let statusLook = 1_600
    /// What is to be passed so.
    var passes = 0
    /// What a routine of the ROM has cost the host, as cycles: a flash that is changed in no time would keep it busy for good.
    var work = 0
    /// When a routine of the ROM is done that waits (cycles).
    var resumesAt: Int?
    /// When it is tried next whether the program waits (cycles).
    private(set) var triesAt = Self.shortestTry
    private var untilNextTry = Self.shortestTry

    /// It does not wait: that is tried more and more seldom.
    mutating func didNotWait(at cycle: Int) {
        isWaiting = false
        loop = nil
        untilNextTry = min(2 * untilNextTry, Self.longestTry)
        triesAt = cycle + untilNextTry
    }

    mutating func didWait(at cycle: Int) {
        isWaiting = true
        untilNextTry = Self.shortestTry
        triesAt = cycle
    }

    /// Something has happened that the program may have waited for.
    mutating func somethingHappened() {
        guard isWaiting else { return }
        isWaiting = false
        loop = nil
    }
}
