/// How a terminal shows what a case came to.
enum VerdictText {
    /// The word, as wide as the widest of them.
    static func padded(_ verdict: Verdict, isColoured: Bool) -> String {
        let word = verdict.word
        return coloured(word, verdict, isColoured) + String(repeating: " ", count: widest - word.count)
    }

    static let widest = Verdict.allCases.map(\.word.count).max() ?? 0

    /// What came of all cases, such as `1 failed, 4 passed`.
    static func sums(_ verdicts: [Verdict], isColoured: Bool) -> String {
        let words = Verdict.worstFirst.compactMap { verdict -> String? in
            let count = verdicts.count { $0 == verdict }
            return count > 0 ? coloured("\(count) \(verdict.word)", verdict, isColoured) : nil
        }
        return words.isEmpty ? "nothing was run" : words.joined(separator: ", ")
    }

    /// How long something took.
    static func time(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.milliseconds)
        let seconds = milliseconds / 1000
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if seconds < 60 { return "\(seconds).\(milliseconds / 100 % 10) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }

    private static func coloured(_ text: String, _ verdict: Verdict, _ isColoured: Bool) -> String {
        guard isColoured else { return text }
        let number =
            switch verdict {
            case .passed: 32
            case .flaky: 33
            case .skipped, .notRun: 2
            case .failed: 31
            case .infrastructure, .interrupted: 35
            }
        return "\u{1B}[\(number)m\(text)\u{1B}[0m"
    }
}
