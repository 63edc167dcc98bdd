/// Which lines are shown: those in which one of `include` is found, or all where there is none, without those in which one
/// of `exclude` is found.
///
/// A pattern that takes too long for a line counts from then on as if it had not been given: no line waits for it again.
struct MonitorFilter {
    struct Verdict: Equatable {
        var isShown: Bool
        /// The patterns that this line was too much for.
        var givenUp: [String] = []
    }

    private var include: [LinePattern]
    private var exclude: [LinePattern]
    /// Whether it was made without any pattern.
    let isEmpty: Bool

    /// - Throws: ``FlashError/usage(_:)`` where a pattern is no regular expression.
    init(include: [String] = [], exclude: [String] = []) throws(FlashError) {
        self.include = try Self.patterns(include)
        self.exclude = try Self.patterns(exclude)
        isEmpty = include.isEmpty && exclude.isEmpty
    }

    private static func patterns(_ texts: [String]) throws(FlashError) -> [LinePattern] {
        var patterns: [LinePattern] = []
        for text in texts { patterns.append(try LinePattern(text)) }
        return patterns
    }

    mutating func take(_ line: String) -> Verdict {
        var givenUp: [String] = []
        let isIncluded = Self.isFound(&include, line, &givenUp) || include.isEmpty
        let isExcluded = isIncluded && Self.isFound(&exclude, line, &givenUp)
        return Verdict(isShown: isIncluded && !isExcluded, givenUp: givenUp)
    }

    /// Looks for each pattern until one is found, and drops those that take too long.
    private static func isFound(_ patterns: inout [LinePattern], _ line: String, _ givenUp: inout [String]) -> Bool {
        var index = 0
        while index < patterns.count {
            switch patterns[index].search(line) {
            case .found: return true
            case .notFound: index += 1
            case .givenUp: givenUp.append(patterns.remove(at: index).text)
            }
        }
        return false
    }
}
