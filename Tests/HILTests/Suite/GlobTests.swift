import Testing

@testable import HIL

@Suite struct GlobTests {
    @Test(
        "A star is any text, a question mark one character, all else itself",
        arguments: [
            ("*", "", true), ("*", "abc", true), ("a*c", "abbc", true), ("a*c", "abcd", false), ("a?c", "abc", true),
            ("a?c", "ac", false), ("command [*=red]", "command [colour=red]", true), ("", "a", false),
            ("**a", "ba", true),
            ("*a*b*", "xaxbx", true), ("*a*b*", "xbxax", false),
        ])
    func matches(_ pattern: String, _ text: String, _ isMatch: Bool) {
        #expect(Glob.matches(pattern, text) == isMatch)
    }
}
