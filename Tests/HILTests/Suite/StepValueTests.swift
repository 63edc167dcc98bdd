import Settings
import Testing

@testable import HIL

/// Whether each kind of step has a value, or the suite is refused: a step that vanished would be one that passes.
@Suite(.timeLimit(.minutes(5))) struct StepValueTests {
    private static let head = """
        name: s
        given:
          sensor: {kind: read, abilities: [network, serial, serial-input, power, reset, flash, counts]}
          lamp: {kind: lamp, abilities: [network, lamp-readback]}
        steps:
          - connect: {unit: lamp}

        """

    private static func problems(_ step: String) -> [String] {
        do {
            _ = try SuiteFile(yaml: head + step, path: "s.yaml", customSteps: ["reconnect-spread"])
            return []
        } catch let error as SettingsError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test(
        "A step whose value is missing, null, empty or of another type is a problem at its line",
        arguments: StepKind.allCases)
    func values(kind: StepKind) {
        for value in ["", "~", "[]", "{}", "3.5", "true", "[1]", "{x: 1}", "\"\"", "-1"] {
            // A number may be a time, and a map without a word may be a step of which nothing has to be said.
            let problems = Self.problems("  - \(kind.rawValue): \(value)\n")
            if (kind == .wait && value == "3.5") || (kind == .clientCloses && value == "{}") {
                #expect(problems.isEmpty)
            } else {
                #expect(!problems.isEmpty, "\(kind.rawValue): \(value)")
                #expect(problems.allSatisfy { $0.contains("(line 7)") }, "\(problems)")
            }
        }
    }

    @Test("The arguments of a step in Swift are looked at with the file, and not when it is done")
    func custom() {
        func problems(_ arguments: String) -> [String] {
            Self.problems("  - step: {name: reconnect-spread, \(arguments)}\n")
        }
        #expect(problems("least: 50ms, most: 5s").isEmpty)
        #expect(
            problems("least: 5s, most: 1s") == [
                "steps[1].step.least (line 7): is more than most, 1s"
            ])
        #expect(
            problems("least: 40s") == ["steps[1].step.least (line 7): is more than most, 30s"])
        #expect(
            problems("most: 5, moist: 3s") == [
                "steps[1].step.moist (line 7): is not a key that is known here; known are: name, rounds, away, least, most",
                #"steps[1].step.most (line 7): must be a time such as 250ms or 5s, not "5""#,
            ])
        #expect(
            problems("least: -1s") == [#"steps[1].step.least (line 7): must be a time such as 250ms or 5s, not "-1s""#])
    }

    @Test("What is empty within a step, and would make it pass with anything, is a problem too")
    func empty() {
        #expect(
            Self.problems("  - run: {command: []}\n")
                == ["steps[1].run.command (line 7): is empty; it is a list: the program and its arguments"])
        #expect(
            Self.problems("  - run: {command: [\"\", x]}\n")
                == ["steps[1].run.command (line 7): is empty; it is a list: the program and its arguments"])
        #expect(
            Self.problems("  - start:\n") == [
                "steps[1].start (line 7): is missing its value, hub, base or a unit"
            ])
        #expect(Self.problems("  - reset:\n") == ["steps[1].reset (line 7): is missing its value, a unit"])
        #expect(
            Self.problems("  - serial expects: {unit: sensor, text: \"\"}\n")
                == ["steps[1].serial expects.text (line 7): is empty; every line has that within it"])
        #expect(
            Self.problems("  - serial lacks: {unit: sensor, regex: \"\", for: 1s}\n")
                == ["steps[1].serial lacks.regex (line 7): is empty; every line fits that"])
        for pattern in [".*", "x*", "^", "(a|)"] {
            #expect(
                Self.problems("  - serial expects: {unit: sensor, regex: \"\(pattern)\"}\n")
                    == ["steps[1].serial expects.regex (line 7): is fit by every line: \(pattern)"])
        }
        #expect(Self.problems("  - serial expects: {unit: sensor, regex: \"^$\"}\n") == [])
        #expect(
            Self.problems("  - serial lacks: {unit: sensor, text: x, for: 0s}\n")
                == ["steps[1].serial lacks.for (line 7): must be from 1ms to 1d, not 0s"])
        #expect(
            Self.problems("  - client sends: {text: \"\"}\n")
                == ["steps[1].client sends.text (line 7): is empty; nothing would be sent"])
        #expect(
            Self.problems("  - repeat: {times: 2, steps: [{stop: ~}]}\n")
                == ["steps[1].repeat.steps[0].stop (line 7): is missing its value, hub, base or a unit"])
    }
}
