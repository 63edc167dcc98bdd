import TerminalText

/// What is told at the end of a run: every case, and why where there is a why.
struct RunTable {
    /// Where there are more cases, those that passed, and those that were not run, are only counted.
    static let most = 40

    let run: RunResult
    var isColoured = false
    /// Columns of the terminal; nil: lines may be as long as they are.
    var width: Int?

    /// The lines, without an end each.
    var lines: [String] {
        let isLong = run.cases.count > Self.most
        // Those whose turn has not come say nothing each.
        let shown = run.cases.filter { !isLong || ($0.verdict != .passed && $0.verdict != .notRun) }
        var lines: [String] = []
        for one in shown {
            let took = one.attempts.isEmpty ? "" : VerdictText.time(one.attempts.reduce(.zero) { $0 + $1.duration })
            let time = took + String(repeating: " ", count: max(0, 9 - took.count))
            let again = one.attempts.count > 1 ? ", \(one.attempts.count) attempts" : ""
            let room = width.map { $0 - VerdictText.widest - 2 - 9 - 1 }
            let name = one.name.printable + again
            lines.append(
                VerdictText.padded(one.verdict, isColoured: isColoured) + "  " + time
                    + (room.map { name.cut(to: max(8, $0)) } ?? name))
            if let reason = one.reason, one.verdict != .passed { lines.append(indented(reason)) }
        }
        let count = run.cases.count
        lines.append(
            "\(count) \(count == 1 ? "case" : "cases") on rig \(run.rig.printable) in \(VerdictText.time(run.duration)): "
                + VerdictText.sums(run.cases.map(\.verdict), isColoured: isColoured))
        return lines + run.warnings.map { indented("warning: \($0)") }
    }

    private func indented(_ reason: String) -> String {
        let line = "  " + reason.printable
        return width.map { line.cut(to: max(8, $0 - 1)) } ?? line
    }
}
