import Testing

@testable import HIL

@Suite struct ProgramEndTests {
    @Test("Only an end in order is none to tell of; who is no part of ours may die of the signal that asks it to end")
    func wrong() {
        let limit = Duration.seconds(12)
        #expect(ProgramEnd(status: "exit code 0", lastLine: "bye").wrong("the base", within: limit) == nil)
        #expect(
            ProgramEnd(status: "signal 9", lastLine: "stays").wrong("the base", within: limit)
                == "the base had to be killed: it had not ended 12s after it was asked to; its last line: stays")
        #expect(
            ProgramEnd(status: "exit code 3").wrong("the base", within: limit)
                == "the base was asked to end, and has not ended in order (exit code 3)")
        #expect(ProgramEnd(status: "signal 15").wrong("u", within: limit, mayDieOfIt: true) == nil)
        #expect(
            ProgramEnd(status: "signal 15").wrong("u", within: limit)
                == "u was asked to end, and has not ended in order (signal 15)")
        #expect(ProgramEnd(status: "signal 11").wrong("u", within: limit, mayDieOfIt: true) != nil)
        // Also where it is the end that was to be had, but not then.
        #expect(
            ProgramEnd(status: "exit code 0", lastLine: "bye", wasAsked: false).wrong("u", within: limit)
                == "u had ended by itself (exit code 0; its last line: bye)")
    }

    @Test("The last three lines that say something are kept")
    func lastLines() {
        let lines = LastLines()
        #expect(lines.text == nil)
        for line in ["one", "two", "three", "", "four"] { lines.append(line) }
        #expect(lines.text == "two | three | four")
        #expect(lines.last == "four")
    }

    @Test("A case that has passed fails with a part that did not end in order; one that has not keeps its own reason")
    func settled() {
        let passed = CaseRunner.Outcome(verdict: .passed, reason: nil, steps: [])
        let failed = CaseRunner.Outcome(verdict: .failed, reason: "line 3: the base had to be killed", steps: [])
        var told: [String] = []
        func after(_ outcome: CaseRunner.Outcome, _ troubles: [HILError]) -> [String?] {
            told = []
            let settled = outcome.after(troubles) { text, weight in told.append("\(weight.rawValue) \(text)") }
            return [settled.verdict.rawValue, settled.reason]
        }
        #expect(after(passed, []) == ["passed", nil])
        #expect(after(passed, [.infrastructure("port gone"), .failed("killed")]) == ["failed", "at the end: killed"])
        #expect(told == ["warning at the end: port gone", "failure at the end: killed"])
        #expect(after(passed, [.infrastructure("port gone")]) == ["infrastructure", "at the end: port gone"])
        #expect(
            after(failed, [.failed("the base had to be killed")]) == ["failed", "line 3: the base had to be killed"])
        #expect(told == [])
        #expect(after(failed, [.failed("other")]) == ["failed", "line 3: the base had to be killed"])
        #expect(told == ["warning at the end: other"])
    }
}
