import Settings
import Testing

@testable import HIL

@Suite struct SuiteFileTests {
    private static let head = """
        name: s
        given:
          sensor: {kind: read, abilities: [network, serial, power]}
          lamp: {kind: lamp, abilities: [network, lamp-readback]}
        steps:

        """

    /// A step of every kind.
    private static let allSteps = """
          - start: hub
          - start: base
            within: 3s
          - stop: sensor
          - kill: base
          - serial expects: {unit: sensor, text: hello, since: case}
          - serial lacks: {unit: sensor, regex: 'a+', for: 2s}
          - base says: {text: up}
          - hub says: {regex: down}
          - hub expects: {unit: sensor, count: 3, values: console, between: [0, 9], apart: [1s, 2s], lag: 1500ms}
          - hub expects nothing: {unit: sensor, for: 1s}
          - request: {unit: lamp, colour: red, result: no-base}
          - lamp shows: {unit: lamp, colour: "#00ff00"}
          - lamp keeps: {unit: lamp, colour: black, for: 1s}
          - connect: {unit: lamp, as: c}
          - client sends: {client: c, text: "x\\r"}
          - client expects: {client: c, lines: 2, like: '^1'}
          - client expects: {client: c, end: true}
          - client expects: {client: c, silence: 2s}
          - client closes: {client: c, how: reset}
          - network: {at: lamp, is: cut}
          - network: {at: broker, is: half-open}
          - wait: 20s
          - run: {command: [echo, 1], exit-code: 2}
          - step: {name: reconnect-spread, most: 5s}
          - repeat: {times: 2, steps: [{wait: 1s}]}
          - repeat: {for: 2m, steps: [{wait: 1s}]}
        """

    private func read(_ text: String, set: [String: String] = [:], rig: [String: String] = [:]) throws -> SuiteFile {
        try SuiteFile(yaml: text, path: "s.yaml", set: set, rig: rig, customSteps: ["reconnect-spread"])
    }

    /// What is wrong with a suite of these steps.
    private func problems(_ steps: String, head: String = head) -> [String] {
        do {
            _ = try read(head + steps)
            return []
        } catch let error as SettingsError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("Every kind of step is read, with its line, its text and its limit")
    func steps() throws {
        let steps = try read(Self.head + Self.allSteps).cases[0].steps
        let range = Duration.seconds(1)...Duration.seconds(2)
        #expect(
            steps.map(\.action) == [
                .start(.hub), .start(.base), .stop(.unit("sensor")), .kill(.base),
                .says(.console("sensor"), .text("hello"), since: .case),
                .saysNot(.console("sensor"), .regex("a+"), for: .seconds(2)), .says(.base, .text("up"), since: .last),
                .says(.hub, .regex("down"), since: .last),
                .hubExpects(
                    HubExpectation(
                        unit: "sensor", count: 3, since: .step, values: .console, between: 0...9, apart: range,
                        lag: .milliseconds(1500))),
                .hubExpectsNothing(unit: "sensor", for: .seconds(1)),
                .request(unit: "lamp", payload: "red", result: .noBase),
                .shows(unit: "lamp", .init(rgb: 0x00FF00)), .keepsShowing(unit: "lamp", .black, for: .seconds(1)),
                .connect(client: "c", unit: "lamp"), .clientSends(client: "c", "x\r"),
                .clientExpects(client: "c", .lines(2, .regex("^1"))), .clientExpects(client: "c", .end),
                .clientExpects(client: "c", .silence(.seconds(2))), .clientCloses(client: "c", .reset),
                .network(.unit("lamp"), .cut), .network(.broker, .halfOpen), .wait(.seconds(20)),
                .run(["echo", "1"], exitCode: 2), .custom(name: "reconnect-spread", arguments: ["most": "5s"]),
                .again(.times(2), [steps[24].inner[0]]), .again(.lasting(.seconds(120)), [steps[25].inner[0]]),
            ])
        #expect(steps[24].inner.map(\.action) == [.wait(.seconds(1))])
        #expect(steps.prefix(3).map(\.line) == [6, 7, 9])
        #expect(steps[4].text == "serial expects: {unit: sensor, text: hello, since: case}")
        #expect(steps[14].text == #"client sends: {client: c, text: "x\r"}"#)
        #expect(steps.prefix(4).map(\.limit) == [60, 3, 60, 10].map { Duration.seconds($0) })
        // What says itself how long it takes has that much more.
        #expect(steps[21].limit == .seconds(30))
        #expect(steps[25].limit == .seconds(130))
    }

    @Test("All that is wrong with steps is told at once, with path, line and what would be right")
    func wrongSteps() {
        #expect(
            problems(
                """
                  - start: sensr
                  - wait: soon
                  - hub expects: {unit: sensor, count: 0, values: some}
                  - request: {unit: lamp}
                  - lamp shows: {unit: lamp, colour: reddish}
                  - client sends: {client: nobody, text: x}
                  - network: {at: nowhere, is: cut}
                  - serial expects: {unit: sensor, regex: '('}
                  - dance: 3
                  - {wait: 1s, start: hub}
                  - repeat: {steps: []}
                  - step: {name: nothing}
                  - client expects: {client: nobody, lines: 1, end: true}
                  - serial expects: {unit: sensor}
                """
            ) == [
                #"steps[0].start (line 6): is no unit "sensr" of given; there are: lamp, sensor"#,
                "steps[1].wait (line 7): must be a time such as 250ms, 1s, 5m or 2h",
                #"steps[2].hub expects.values (line 8): must be one of "any", "increasing", "consecutive", "console", not "some""#,
                "steps[2].hub expects.count (line 8): must be from 1 to 1000000, not 0",
                "steps[3].request.colour (line 9): is missing; it is what is sent: red, #ff0000",
                #"steps[4].lamp shows.colour (line 10): must be a colour such as red or #ff0000, not "reddish""#,
                #"steps[5].client sends.client (line 11): is no client "nobody" that a step before connects; "#
                    + "write connect: {as: nobody} first",
                #"steps[6].network.at (line 12): is no unit "nowhere" of given; there are: lamp, sensor"#,
                "steps[7].serial expects.regex (line 13): is no regular expression: (",
                "steps[8].dance (line 14): names no step; known are: \(StepKind.words)",
                "steps[9].wait (line 15): stands beside start; write each step as an element of its own",
                "steps[10].repeat (line 16): wants either times (a number) or for (a time)",
                "steps[10].repeat.steps (line 16): is empty; write at least one step",
                #"steps[11].step.name (line 17): is no step "nothing"; there are: reconnect-spread"#,
                #"steps[12].client expects.client (line 18): is no client "nobody" that a step before connects; "#
                    + "write connect: {as: nobody} first",
                "steps[12].client expects (line 18): wants one of lines (a number), end: true, or silence (a time)",
                "steps[13].serial expects (line 19): wants text or regex: what the line has within it",
            ])
    }

    @Test("A step that needs what given does not ask for is a problem, so that a rig without it skips the suite")
    func abilities() {
        #expect(
            problems(
                """
                  - power: {unit: lamp, to: off}
                  - stop: lamp
                  - hub expects: {unit: sensor, values: consecutive}
                """
            ) == [
                "steps[0].power.unit (line 6): needs a lamp that has power; write it among the abilities of given.lamp",
                "steps[1].stop (line 7): needs a lamp that has power; write it among the abilities of given.lamp",
                "steps[2].hub expects.values (line 8): needs a sensor that has counts; write it among the abilities of given.sensor",
            ])
    }

    @Test("What is missing around the steps, or is not known, is told")
    func frame() {
        #expect(
            problems("", head: "given: {}\nsteps: []\nstpes: 1\n") == [
                "name: is missing; it names the suite in reports",
                "stpes (line 3): is not a key that is known here; known are: description, given, limit, matrix, name, "
                    + "steps, variables",
                "steps (line 2): is empty; write at least one step",
            ])
        #expect(
            problems("", head: "name: s\n") == [
                "given: is missing; it is the map of units", "steps: is missing; it is the list of steps",
            ])
        #expect(
            problems(
                "", head: "name: s\ngiven: {hub: {kind: read}, x: {kind: cat, abilities: [fly]}}\nsteps: [{wait: 1s}]\n"
            )
                == [
                    "given.hub (line 2): is no name for a unit: letters, digits, - and _, and not hub, base, dashboard, broker or runner",
                    #"given.x.kind (line 2): must be one of "read", "lamp", "any", not "cat""#,
                    "given.x.abilities[0] (line 2): must be one of "
                        + "\(Ability.allCases.map(\.rawValue).joined(separator: ", ")), not \"fly\"",
                ])
    }

    @Test("Variables come from the suite, the rig and the command line, in this order, and a number stays one")
    func variables() throws {
        let text = """
            name: v
            variables: {count: 3, colour: red, time: 2s}
            given: {s: {kind: read, abilities: [network]}, l: {kind: lamp, abilities: [network]}}
            steps:
              - hub expects: {unit: s, count: "${count}"}
                within: ${time}
              - request: {unit: l, colour: "${colour} $${x}"}
            """
        let plain = try read(text).cases[0]
        #expect(plain.variables == ["count": "3", "colour": "red", "time": "2s"])
        #expect(plain.steps[0].text == "hub expects: {unit: s, count: 3}")
        #expect(plain.steps[0].limit == .seconds(2))
        #expect(plain.steps[1].action == .request(unit: "l", payload: "red ${x}", result: .acknowledged))
        let changed = try read(text, set: ["count": "9", "other": "1"], rig: ["count": "5", "time": "4s"]).cases[0]
        #expect(changed.variables == ["count": "9", "colour": "red", "time": "4s"])
        #expect(throws: SettingsError.self) { try read(text, set: ["count": "many"]) }
    }

    @Test("A variable that is not there, or not ended, is a problem where it stands")
    func wrongVariables() {
        #expect(
            problems("  - wait: ${tme}\n  - request: {unit: lamp, colour: \"${x\"}\n") == [
                "steps[0].wait (line 6): names no variable with ${tme}; known are: none",
                "steps[1].request.colour (line 7): has a ${ without its }; write $${ for a ${ that stays",
                "steps[0].wait (line 6): must be a time such as 250ms, 1s, 5m or 2h",
            ])
    }

    @Test("Each point of a matrix is a case with a name of its own; --set takes one value of an axis")
    func matrix() throws {
        let text = """
            name: m
            matrix:
              end: [{name: CR, bytes: "\\r"}, {name: LF, bytes: "\\n"}]
              n: [1, 2]
            given: {l: {kind: lamp, abilities: [network]}}
            steps:
              - connect: {unit: l}
              - client sends: {text: "${n}${end.bytes}"}
            """
        let cases = try read(text).cases
        #expect(cases.map(\.name) == ["m [end=CR, n=1]", "m [end=CR, n=2]", "m [end=LF, n=1]", "m [end=LF, n=2]"])
        #expect(cases[2].steps[1].action == .clientSends(client: "client", "1\n"))
        #expect(try read(text, set: ["end": "LF"]).cases.map(\.name) == ["m [end=LF, n=1]", "m [end=LF, n=2]"])
        #expect(throws: SettingsError.self) { try read(text, set: ["end": "EOT"]) }
    }

    @Test("The suite to begin with is right")
    func scaffold() throws {
        let cases = try read(SuiteScaffold(name: try SuiteName("mine")).text(at: "mine.yaml")).cases
        #expect(cases.map(\.name) == ["mine [colour=red]", "mine [colour=#0000ff]"])
        #expect(cases.map(\.steps.count) == [5, 5])
    }

    @Test("A matrix that is too large is refused before anything of it is made")
    func largeMatrix() {
        let axis = "[\((0..<100).map(String.init).joined(separator: ", "))]"
        #expect(
            problems("", head: "name: m\nmatrix: {a: \(axis), b: \(axis)}\ngiven: {}\nsteps: [{wait: 1s}]\n") == [
                "matrix (line 2): has 10000 combinations; at most 1000 are run"
            ])
    }
}

extension Step {
    /// The steps of a block.
    fileprivate var inner: [Step] {
        if case .again(_, let steps) = action { steps } else { [] }
    }
}
