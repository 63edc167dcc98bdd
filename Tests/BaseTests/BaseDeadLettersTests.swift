import TestSupport
import Testing

/// `iot base dead-letters`, beside a base that runs and without one.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseDeadLettersTests {
    @Test("letters are listed, chosen, dropped, and delivered again with the same keys, by this run or the next")
    func letters() async throws {
        func row(_ number: Int, _ rest: String) -> String { "KEY-\(number)  TIME  127.78.86.1  \(rest)" }
        let refused = "404     the dashboard answered 404 Not Found: no such? unit"
        let list = [
            "0", "KEY         REFUSED              UNIT         VALUE   STATUS  WHY", row(1, "1       \(refused)"),
            row(2, "2       \(refused)"),
            row(3, "teapot  418     the dashboard answered 418 I'm a teapot: short and?[31m stout"),
            row(4, "3       \(refused)"), row(5, "..      -       the value would be a step in the URL's path"),
        ]
        #expect(
            try await Findings.of("base_dead_letters.py", "letters") == [
                "before a base has run: 1", "the list: [\(list.joined(separator: " | "))]", "by status: [teapot]",
                "by unit: 0",
                "a whole row: [key | measuredAt | reason | refusedAt | retried | status | unit | value]",
                "its times: true", "nothing said: 64", "too much said: 64",
                "a key that is not there: [1 | Error: there is no dead letter KEY-99; nothing was changed; "
                    + "list shows those that are there]",
                "one dropped: [0 | 1 dead letter dropped]",
                "some tried again: [0 | 2 dead letters to be tried again]",
                "with the same keys: [[1 | 3] | [1 | 3]]", "what is left: [teapot | ..]", "exit code: 0",
                "without a base: [0 | 2 dead letters to be tried again]", "it is marked: [true | true]",
                "what can never be sent: [[.. | 0]]", "exit code: 0", "all dropped: [0 | 1 dead letter dropped]",
                "none left: [0 | no dead letters]",
            ])
    }
}
