import Settings
import Testing

@testable import HIL

@Suite struct ConnectionExpectationTests {
    private func expectation(_ count: ClosedRange<Int>?, _ mostAtOnce: Int?) -> ConnectionExpectation {
        ConnectionExpectation(unit: "s", since: .case, count: count, mostAtOnce: mostAtOnce)
    }

    @Test("Two connections at once are told, however many were made, and so are too many; too few may still come")
    func met() throws {
        #expect(try expectation(nil, 1).isMet(by: [1, 1, 1]))
        #expect(
            throws: HILError.failed("the base had 2 connections to s at once, more than 1")
        ) { try expectation(nil, 1).isMet(by: [1, 2, 1]) }
        #expect(try expectation(2...3, nil).isMet(by: [1]) == false)
        #expect(try expectation(2...3, nil).isMet(by: [1, 5]))
        #expect(
            throws: HILError.failed("4 connections were made to s, more than 3")
        ) { try expectation(2...3, 1).isMet(by: [1, 1, 1, 1]) }
        #expect(try expectation(0...0, 1).isMet(by: []))
    }

    @Test("What was judged is marked, and what is not kept any more cannot be judged")
    func places() throws {
        let made = Heard<Int>(most: 4)
        made.append(1, at: .zero)
        #expect(try expectation(2...3, 1).end(of: made, from: 0) == nil)
        made.append(1, at: .zero)
        #expect(try expectation(2...3, 1).end(of: made, from: 0) == 2)
        made.append(2, at: .zero)
        #expect(throws: HILError.self) { try expectation(nil, 1).end(of: made, from: 2) }
        for _ in 4...5 { made.append(1, at: .zero) }
        #expect(
            throws: HILError.infrastructure("3 connections to s are not kept here any more")
        ) { try expectation(nil, 1).end(of: made, from: 0) }
        #expect(try expectation(nil, 1).end(of: made, from: 3) == 5)
    }

    @Test("The step says what it expects, and expects something")
    func read() throws {
        func suite(_ step: String) throws -> SuiteFile {
            try SuiteFile(
                yaml: "name: s\ngiven: {s: {kind: read, abilities: [network]}}\nsteps:\n  - connections: \(step)\n",
                path: "s.yaml", set: [:], rig: [:], customSteps: [])
        }
        let both = try suite("{unit: s, count: [2, 3], most-at-once: 1}").cases[0].steps.map(\.action)
        #expect(both == [.connections(expectation(2...3, 1))])
        #expect(throws: SettingsError.self) { try suite("{unit: s}") }
        #expect(throws: SettingsError.self) { try suite("{unit: s, count: [3, 2]}") }
    }
}
