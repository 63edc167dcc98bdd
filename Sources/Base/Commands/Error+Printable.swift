import TerminalText

extension Error {
    /// What is wrong, line by line, without anything that a terminal would obey: a configuration may hold any character.
    var printableLines: String {
        "\(self)".split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
            .joined(separator: "\n")
    }
}
