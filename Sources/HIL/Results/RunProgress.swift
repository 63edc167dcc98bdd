/// What the runner tells while it runs.
enum RunProgress: Sendable {
    /// The names of all cases, in their order.
    case planned([String])
    /// - Parameter attempt: From 1.
    case started(case: String, attempt: Int)
    /// - Parameter index: From 0.
    case step(case: String, index: Int, of: Int, text: String)
    case ended(case: String, Verdict, reason: String?, Duration)
    case entry(case: String, JournalEntry)
    /// A person is to do something, and then to press Enter.
    case asks(String)
    /// The person has pressed Enter, or (`inTime` is false) nobody waits for it any more.
    case answered(inTime: Bool)
    case finished(RunResult)
}
