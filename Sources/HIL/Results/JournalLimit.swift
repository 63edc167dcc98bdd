/// How much of a case is kept: what a board may say in a loop must not fill the memory or the disk.
struct JournalLimit: Sendable {
    var entries = 200_000
    /// Of text, as UTF-8.
    var bytes = 32 * 1024 * 1024
    /// Of one line; what is longer is cut, and ends with an ellipsis.
    var lineBytes = 16 * 1024

    init() {}
}
