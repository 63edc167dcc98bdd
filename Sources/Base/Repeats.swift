/// Which times of what happens again and again are told: the first, the second, the fourth, the eighth and so on, so that what
/// never ends fills no disk.
enum Repeats {
    /// - Parameters:
    ///   - count: How often it has happened now.
    ///   - before: How often it had when that was asked last; nil: once less.
    static func isTold(_ count: Int, before: Int? = nil) -> Bool {
        let before = before ?? count - 1
        return count > 0 && (before == 0 || before.leadingZeroBitCount != count.leadingZeroBitCount)
    }
}
