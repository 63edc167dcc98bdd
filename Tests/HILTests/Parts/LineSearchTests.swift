import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(5))) struct LineSearchTests {
    @Test("Each line is looked at once, whenever it comes, and a place leads past what was found")
    func search() throws {
        let lines = Heard<String>()
        for number in 0..<2000 { lines.append("line \(number)", at: .zero) }
        var search = try LineSearch(.regex("^line 1[0-9]{3}$"), in: lines, from: 3)
        #expect(try search.next()?.next == 1001)
        var none = try LineSearch(.text("later"), in: lines, from: 0)
        #expect(try none.next() == nil)
        #expect(none.place == 2000)
        lines.append("much later", at: .seconds(1))
        #expect(try none.next()?.entry.element == "much later")
        #expect(none.place == 2001)
    }

    @Test("An expression that would never end is told of, and holds up neither the step nor who speaks")
    func explosion() throws {
        let lines = Heard<String>()
        lines.append(String(repeating: "a", count: 60) + "b", at: .zero)
        var search = try LineSearch(.regex("(a+)+$"), in: lines, from: 0)
        let error = #expect(throws: HILError.self) { try search.next() }
        #expect("\(error, default: "")".hasPrefix("/(a+)+$/ takes too many steps for the line aaa"))
        #expect(try LineMatcher(.regex("(a+)+$")).matches(String(repeating: "a", count: 4000)))
    }

    @Test("Of a long line only the beginning is looked at")
    func longLine() throws {
        let line = String(repeating: "x", count: LineMatcher.longest) + "end"
        #expect(try !LineMatcher(.text("end")).matches(line))
        #expect(try LineMatcher(.regex("^x+$")).matches(line))
        #expect(throws: HILError.failed("/(/ is no regular expression")) { try LineMatcher(.regex("(")) }
    }
}
