import Testing

@testable import HIL

@Suite struct PrintedNumbersTests {
    /// What a console has printed; nil stands for the loss of its power.
    private func console(_ lines: [String?]) -> Heard<String> {
        let console = Heard<String>()
        for line in lines {
            if let line { console.append(line, at: .zero) } else { console.beginAnew() }
        }
        return console
    }

    /// The place after what was found.
    private func end(
        of values: [String], in lines: [String?], from place: Int = 0, atLeast count: Int = 1, hasLives: Bool = true
    ) throws -> Int? {
        var printed = PrintedNumbers(of: console(lines), from: place, hasLives: hasLives)
        printed.read()
        return try printed.end(of: values, atLeast: count)
    }

    @Test("Values are a run of what was printed, or may become one, or cannot")
    func runs() throws {
        let lines = ["hello", "1", "2", "Client Connected", "3", "4"]
        #expect(try end(of: ["2", "3"], in: lines) == 5)
        #expect(try end(of: [], in: lines) == 0)
        // The console is behind.
        #expect(try end(of: ["2", "3"], in: ["1", "2"]) == nil)
        #expect(try end(of: ["2"], in: ["hello"]) == nil)
        for wrong in [["1", "3"], ["2", "1"], ["2", "2", "3"], ["7"]] {
            #expect(throws: HILError.self) { try end(of: wrong, in: lines) }
        }
        #expect(
            throws: HILError.failed(
                "what the hub has is not what the console printed: after 2 that are alike the hub has 2, 4, of which "
                    + "the console knows no such order")
        ) { try end(of: ["1", "2", "4"], in: lines) }
    }

    @Test("What was matched before is not matched again")
    func old() throws {
        let lines = ["0", "1", "2", "3"]
        #expect(try end(of: ["2"], in: lines, from: 2) == 3)
        #expect(throws: HILError.self) { try end(of: ["0", "1"], in: lines, from: 2) }
        #expect(try end(of: ["4"], in: lines, from: 4) == nil)
    }

    @Test("What an earlier life had on its way comes first, and does not count; what the power has taken is no loss")
    func lives() throws {
        let lines = ["3", "4", "5", nil, "0", "1", "2"]
        #expect(try end(of: ["3", "4", "0", "1"], in: lines, atLeast: 2) == 5)
        #expect(try end(of: ["0", "1"], in: lines, atLeast: 2) == 5)
        #expect(try end(of: ["3", "4", "0"], in: lines, atLeast: 2) == nil)
        #expect(try end(of: ["3", "4"], in: lines, atLeast: 2) == nil)
        #expect(try end(of: ["3"], in: ["3", nil]) == nil)
        // In the midst of a life nothing may be lost, and nothing of an earlier one comes later.
        for wrong in [["3", "5", "0", "1"], ["3", "0", "2"], ["0", "4", "5"]] {
            #expect(throws: HILError.self) { try end(of: wrong, in: lines, atLeast: 2) }
        }
        // Where all of the case is looked at, nothing may be lost at all.
        #expect(try end(of: ["4", "5", "0"], in: lines, hasLives: false) == 4)
        #expect(throws: HILError.self) { try end(of: ["4", "0"], in: lines, hasLives: false) }
    }

    @Test("Lines are taken as they come, each once")
    func reading() throws {
        let console = console(["1", "2"])
        var printed = PrintedNumbers(of: console, from: 1, hasLives: true)
        printed.read()
        console.append("3", at: .zero)
        printed.read()
        printed.read()
        #expect(try printed.end(of: ["2", "3"], atLeast: 2) == 3)
        #expect(throws: HILError.self) { try printed.end(of: ["2", "2"], atLeast: 2) }
        console.lose(2)
        #expect(printed.missing == 2)
    }
}
