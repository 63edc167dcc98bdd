import Foundation
import Settings
import TestSupport
import Testing

@testable import HIL

/// What is found wrong with a suite though each of its values is one.
@Suite(.timeLimit(.minutes(5))) struct SuiteCheckTests {
    private static let head = """
        name: s
        given: {sensor: {kind: read, abilities: [network, serial]}, lamp: {kind: lamp, abilities: [network, lamp-readback]}}
        steps:

        """

    private static func problems(_ text: String) -> [String] {
        do {
            _ = try SuiteFile(yaml: text, path: "s.yaml", customSteps: ["reconnect-spread"])
            return []
        } catch let error as SettingsError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("A step that takes as long as it may by itself, or longer, cannot come to its end")
    func ownTime() {
        #expect(
            Self.problems(
                Self.head + """
                      - serial lacks: {unit: sensor, text: x, for: 5s}
                        within: 3s
                      - wait: 2s
                        within: 2s
                      - repeat: {times: 3, steps: [{wait: 1s}]}
                        within: 2s
                      - wait: 2s
                        within: 2100ms
                    """) == [
                    "steps[0].within (line 5): is no more than the 5s that the step takes by itself; write a longer time",
                    "steps[1].within (line 7): is no more than the 2s that the step takes by itself; write a longer time",
                    "steps[2].within (line 9): is no more than the 3s that the step takes by itself; write a longer time",
                ])
        #expect(
            Self.problems("limit: 5s\n" + Self.head + "  - wait: 4s\n  - wait: 2s\n") == [
                "limit (line 1): is 5s, and the steps take 6s by themselves; write a longer time"
            ])
        #expect(Self.problems(Self.head + "  - repeat: {times: 1000000000, steps: [{wait: 1ms}]}\n").count == 1)
        let nested = (0..<6).reduce("{wait: 24h}") { step, _ in "{repeat: {times: 1000000, steps: [\(step)]}}" }
        #expect(
            Self.problems(Self.head + "  - \(nested)\n") == [
                "limit: is 5m, and the steps take more than 11574d by themselves; write a longer time"
            ])
    }

    @Test("A lamp measures nothing, and a sensor shows nothing")
    func kinds() {
        #expect(
            Self.problems(
                Self.head + """
                      - hub expects: {unit: lamp}
                      - hub expects nothing: {unit: lamp, for: 1s}
                      - request: {unit: sensor, colour: red}
                    """) == [
                    "steps[0].hub expects.unit (line 4): is a lamp unit, and hub expects is for read units",
                    "steps[1].hub expects nothing.unit (line 5): is a lamp unit, and hub expects nothing is for read units",
                    "steps[2].request.unit (line 6): is a read unit, and request is for lamp units",
                ])
    }

    @Test("What is wrong at the head hides nothing of the steps but what its values decide")
    func head() {
        #expect(
            Self.problems("matrix: {n: []}\n" + Self.head + "  - wait: soon\n  - wait: \"${n}s\"\n  - dance\n") == [
                "matrix.n (line 1): is empty; give at least one value",
                "steps[0].wait (line 5): must be a time such as 250ms, 1s, 5m or 2h",
                "steps[2] (line 7): must be a map with one of: \(StepKind.words)",
            ])
    }

    @Test("A key that is written twice is named with its line, and the file is not told as a whole")
    func twice() {
        #expect(
            Self.problems("name: s\nsteps:\n  - wait: 1s\n    wait: 2s\n") == [
                "wait (line 3): is written twice in the map that begins here; keep one"
            ])
    }

    @Test("Numbers and times that are none, or beyond all, are told of")
    func numbers() {
        for (step, key) in [
            ("wait: -1s", "wait"), ("wait: .nan", "wait"), ("wait: 1e999", "wait"),
            ("wait: 99999999999999999999", "wait"),
            ("hub expects: {unit: sensor, count: 1.5}", "hub expects.count"),
            ("hub expects: {unit: sensor, between: [2, 1]}", "hub expects.between"),
            ("hub expects: {unit: sensor, apart: [-1s, 1s]}", "hub expects.apart"),
            ("hub expects: {unit: sensor, lag: .inf}", "hub expects.lag"),
        ] {
            let problems = Self.problems(Self.head + "  - \(step)\n")
            #expect(problems.count == 1 && problems[0].hasPrefix("steps[0].\(key) (line 4): must be "), "\(problems)")
        }
    }

    @Test("A program that is not on this machine is a warning of the check, with file and line")
    func programs() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "s.yaml")
            let steps =
                "  - run: {command: [sh]}\n  - repeat: {times: 2, steps: [{run: {command: [no-such-program]}}]}\n"
            try Data((Self.head + steps).utf8).write(to: file)
            let done = try await FinishedCommand.run(["hil", "check", file.path])
            #expect(done.end == "exit code 0")
            #expect(done.output == ["s: 2 steps"])
            #expect(done.errors == ["\(file.path):5: warning: run: there is no program no-such-program here"])
        }
    }
}
