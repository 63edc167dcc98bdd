/// What goes wrong on a board's line, on demand.
enum LineFault: Sendable, Equatable {
    /// A share of the bytes, in both directions.
    case drop(Double)
    case `repeat`(Double)
    /// One bit of the byte is another one.
    case flip(Double)
    /// As `flip`, while the line is faster than so many bits a second: a long cable.
    case flipAbove(Double, baud: Int)
    /// After so many bytes from the host nothing comes from the board any more.
    case stuck(after: Int)
    /// After so many bytes from the host the board is silent for a time, once.
    case silent(after: Int, for: Duration)
    /// After so many bytes from the host the port is gone.
    case vanish(after: Int)
    /// After so many bytes from the host the chip restarts, in whatever it is doing.
    case brownOut(after: Int)
    /// This sector of the flash takes nothing any more.
    case badSector(Int)
    /// The flash has so many bytes, and repeats them up to the size that its id says.
    case smallFlash(bytes: Int)

    static let notations = """
        drop:0.0001, repeat:0.0001, flip:0.0001 (shares of the bytes), flip:0.001:115200 (only at \
        a higher speed); stuck:5000, silent:5000:3, vanish:5000, \
        brown-out:5000 (after so many bytes from the host, silent for so many seconds); bad-sector:16, small-flash:1048576 (its id says more)
        """

    /// Reads a notation; nil where it is none.
    init?(_ text: String) {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count >= 2 else { return nil }
        let share = Double(parts[1]).flatMap { (0...1).contains($0) ? $0 : nil }
        let count = Int(parts[1]).flatMap { $0 >= 0 ? $0 : nil }
        switch (parts[0], parts.count) {
        case ("drop", 2): guard let share else { return nil }; self = .drop(share)
        case ("repeat", 2): guard let share else { return nil }; self = .repeat(share)
        case ("flip", 2): guard let share else { return nil }; self = .flip(share)
        case ("flip", 3):
            guard let share, let baud = Int(parts[2]), baud > 0 else { return nil }
            self = .flipAbove(share, baud: baud)
        case ("stuck", 2): guard let count else { return nil }; self = .stuck(after: count)
        case ("vanish", 2): guard let count else { return nil }; self = .vanish(after: count)
        case ("brown-out", 2): guard let count else { return nil }; self = .brownOut(after: count)
        case ("bad-sector", 2): guard let count else { return nil }; self = .badSector(count)
        case ("small-flash", 2):
            guard let count, count >= 1 << 18, count.nonzeroBitCount == 1 else { return nil }
            self = .smallFlash(bytes: count)
        case ("silent", 3):
            guard let count, let seconds = Double(parts[2]), (0...3600).contains(seconds) else { return nil }
            self = .silent(after: count, for: .milliseconds(Int(seconds * 1000)))
        default: return nil
        }
    }
}
