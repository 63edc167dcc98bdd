/// Which lines are shown: those in which one of `include` is found, or all where there is none, without those in which one
/// of `exclude` is found.
struct MonitorFilter {
    private let include: [Regex<AnyRegexOutput>]
    private let exclude: [Regex<AnyRegexOutput>]

    /// - Throws: What `Regex` says of a pattern that is none.
    init(include: [String] = [], exclude: [String] = []) throws {
        self.include = try include.map { try Regex($0) }
        self.exclude = try exclude.map { try Regex($0) }
    }

    var isEmpty: Bool { include.isEmpty && exclude.isEmpty }

    func passes(_ line: String) -> Bool {
        (include.isEmpty || include.contains { line.contains($0) }) && !exclude.contains { line.contains($0) }
    }
}
