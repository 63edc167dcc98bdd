import Settings

/// How a program has ended, and what that says of it.
struct ProgramEnd: Equatable, Sendable, CustomStringConvertible {
    /// `exit code 0`, `signal 9`.
    var status: String
    /// What it has said last on stderr.
    var lastLine: String?
    /// Whether it ended because it was asked to.
    var wasAsked = true

    var description: String {
        guard let lastLine else { return status }
        return "\(status); its last line: \(lastLine.prefix(300))"
    }

    /// Why this is no end as it should be; nil where it is one.
    ///
    /// - Parameters:
    ///   - who: `the base`.
    ///   - limit: What it was given to end in.
    ///   - mayDieOfIt: Whether it may leave SIGTERM to the system.
    func wrong(_ who: String, within limit: Duration, mayDieOfIt: Bool = false) -> String? {
        guard wasAsked else { return "\(who) had ended by itself (\(self))" }
        switch status {
        case "exit code 0": return nil
        case "signal 15" where mayDieOfIt: return nil
        case "signal 9":
            return "\(who) had to be killed: it had not ended \(limit.settingsText) after it was asked to"
                + (lastLine.map { "; its last line: \($0.prefix(300))" } ?? "")
        default: return "\(who) was asked to end, and has not ended in order (\(self))"
        }
    }
}
