/// The tests that a Swift file declares, found in its text.
struct TestNames {
    /// The names of tests that run: `@Test("...")` that stands in no comment and is not disabled.
    let running: [String]

    init(in source: String) {
        let code = source.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.trimmingPrefix(while: \.isWhitespace).hasPrefix("//") }
            .joined(separator: "\n")
        let declaration = /@Test\(\s*#*"(?<name>(?:[^"\\]|\\.)*)"#*(?<traits>.*?)\bfunc\b/.dotMatchesNewlines()
        running = code.matches(of: declaration)
            .filter { !$0.traits.contains(/\.disabled\b/) }
            .map { String($0.name) }
    }
}
