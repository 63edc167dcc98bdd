import Foundation
import TestSupport
import Testing

@testable import HIL

/// The same files by the schemas, which an editor has, and by the readers: what a schema takes or refuses by its shape alone, the
/// reader does too.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct SchemaAgreementTests {
    /// What stands in a file, and whether it is right.
    private typealias Sample = (text: String, isRight: Bool)

    private static let given = """
        given:
          s: {kind: read, abilities: [network, serial, serial-input, reset, power, flash, brown-out, counts]}
          l: {kind: lamp, abilities: [network, lamp-readback, power]}
        """
    private static let variables =
        "variables: {n: 3, t: 2s, low: 1, high: 9, since: case, to: cycle, cut: cut, yes: true, baud: 9600, how: reset}"

    private static func suite(_ steps: String...) -> String {
        (["name: x", given, variables, "steps:"] + steps.map { "  - \($0)" }).joined(separator: "\n")
    }

    private static let rightSteps = [
        "wait: 0s", "wait: 5", "wait: 1.5", "wait: ${t}", "{wait: 1s, within: '${t}'}", "{wait: 1s, note: why}",
        "hub expects: {unit: s, count: '${n}', since: '${since}'}",
        "hub expects: {unit: s, between: ['${low}', 9], apart: [0s, '${t}'], lag: '${t}'}",
        "connections: {unit: s, count: [0, '${n}'], most-at-once: '${n}', since: '${since}'}",
        "power: {unit: s, to: '${to}'}", "network: {at: s, is: '${cut}'}", "serial speed: {unit: s, baud: '${baud}'}",
        "serial expects: {unit: s, text: a, since: '${since}'}", "base says: {regex: a, since: '${since}'}",
        "run: {command: [echo, 5], exit-code: '${n}'}", "repeat: {times: '${n}', steps: [{wait: 1s}]}",
        "repeat: {for: '${t}', steps: [{wait: 1s}]}", "flash: {unit: s, image: a, address: '${n}'}",
        "request: {unit: l, colour: red}", "lamp keeps: {unit: l, colour: red, for: '${t}'}",
        "step: {name: mean-pause, unit: s, count: '${n}'}",
    ]
    private static let wrongSteps = [
        "wait: soon", "wait: -1", "{wait: 1s, within: }", "{wait: 1s, note: }", "start: ",
        "serial expects: {unit: s, text: ''}",
        "serial expects: {unit: s, regex: ''}", "serial expects: {unit: s, text: 5}",
        "serial expects: {unit: s, text: a, regex: a}", "serial expects: {unit: s, text: a, since: }",
        "serial lacks: {unit: s, regex: '', for: 1s}", "hub says: {text: ''}",
        "hub expects: {unit: s, between: [0.5, 1]}", "hub expects: {unit: s, between: [1, 2, 3]}",
        "hub expects: {unit: s, count: 0}", "hub expects: {unit: s, count: '5'}", "hub expects: {unit: s, lag: -1s}",
        "hub expects: {unit: s, count: }", "connections: {unit: s, count: [-1, 3]}",
        "connections: {unit: s, most-at-once: 0}",
        "connections: {unit: s}", "run: {command: []}", "run: {command: ['']}",
        "run: {command: ['true'], exit-code: 256}",
        "repeat: {times: 1, for: 1s, steps: [{wait: 1s}]}", "repeat: {times: 1, steps: []}",
        "request: {unit: l, colour: 5}", "step: {name: mean-pause, unit: s, count: {a: 1}}",
        "step: {name: mean-pause, unit: s, count: }",
    ]
    private static let rightClients = [
        "client expects: {end: true}", "client expects: {end: '${yes}'}", "client expects: {silence: '${t}'}",
        "client expects: {lines: '${n}', like: a}", "client closes: {how: '${how}'}",
    ]
    private static let wrongClients = [
        "client expects: {end: false}", "client expects: {end: false, lines: 1}",
        "client expects: {end: true, lines: 1}",
        "client expects: {lines: 1, like: ''}", "client expects: {lines: 0}", "client sends: {text: ''}",
        "client closes: {how: }",
    ]
    private static let rest: [Sample] = [
        ("{name: x, given: {}, limit: 1m, steps: [{wait: 1s}]}", true),
        ("{name: x, given: {}, limit: '${t}', variables: {t: 1m}, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {}, limit: , steps: [{wait: 1s}]}", false),
        ("{name: x, given: {}, variables: , steps: [{wait: 1s}]}", false),
        ("{name: x, given: {}, variables: {a: }, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {}, variables: {a b: 1}, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {}, matrix: {a: []}, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {}, matrix: {a: [b, {name: c, k: 1}]}, steps: [{wait: 1s}]}", true),
        ("{name: x, given: {}, matrix: {a: [{k: 1}]}, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {a: {}}, steps: [{wait: 1s}]}", true),
        ("{name: x, given: {a: }, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {a: {kind: }}, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {a: {kind: lump}}, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {a: {kind: '${k}'}}, variables: {k: read}, steps: [{wait: 1s}]}", true),
        ("{name: x, given: {a: {abilities: ['${k}']}}, variables: {k: serial}, steps: [{wait: 1s}]}", true),
        ("{name: x, given: {a: {abilities: [fly]}}, steps: [{wait: 1s}]}", false),
        ("{name: x, given: {}, steps: []}", false), ("{name: 5, given: {}, steps: [{wait: 1s}]}", false),
        ("{name: x, steps: [{wait: 1s}]}", false),
    ]
    private static let boards = "boards: {a: {kind: read, driver: simulated}}"
    private static let rigs: [Sample] = [
        ("{name: r, \(boards)}", true), ("{\(boards)}", false), ("{name: r, boards: {}}", true),
        ("{name: r, base: {}, \(boards)}", true), ("{name: r, base: , \(boards)}", false),
        ("{name: r, base: {start: [iot]}, hub: {start: [iot, 5]}, \(boards)}", true),
        ("{name: r, base: {start: []}, \(boards)}", false), ("{name: r, hub: {start: []}, \(boards)}", false),
        ("{name: r, base: {start: ['']}, \(boards)}", false), ("{name: r, base: {start: }, \(boards)}", false),
        ("{name: r, base: {settings: {a: }}, \(boards)}", true), ("{name: r, hub: {settings: {}}, \(boards)}", false),
        ("{name: r, variables: {a: 1}, \(boards)}", true), ("{name: r, variables: {a: }, \(boards)}", false),
        ("{name: r, boards: {a: }}", false), ("{name: r, boards: {a: {kind: any, driver: simulated}}}", false),
        ("{name: r, boards: {a: {kind: read, driver: simulated, profile: x}}}", false),
        ("{name: r, boards: {a: {kind: read, driver: simulated, note: }}}", false),
        ("{name: r, boards: {a: {kind: read, driver: command, start: [x]}}}", true),
        ("{name: r, boards: {a: {kind: read, driver: command, start: []}}}", false),
        ("{name: r, boards: {a: {kind: read, driver: serial, address: 1.2.3.4}}}", true),
        ("{name: r, boards: {a: {kind: read, driver: serial}}}", false),
        ("{name: r, boards: {a: {kind: read, driver: serial, address: 1.2.3.4, power: {}}}}", false),
        ("{name: r, boards: {a: {kind: read, driver: serial, address: 1.2.3.4, power: {by-hand: false}}}}", false),
        ("{name: r, boards: {a: {kind: read, driver: serial, address: 1.2.3.4, power: {on: [a], off: []}}}}", false),
        (
            "{name: r, boards: {a: {kind: lamp, driver: serial, serial: {port: /dev/x}, wiring: {lamp-readback: []}}}}",
            false
        ),
        (
            "{name: r, boards: {a: {kind: lamp, driver: serial, serial: {port: /dev/x}, wiring: {lamp-readback: [a]}}}}",
            true
        ),
        ("{name: r, boards: {a: {kind: read, driver: virtual-board, options: [--x, 5]}}}", true),
    ]

    private static var suites: [Sample] {
        rightSteps.map { (suite($0), true) } + wrongSteps.map { (suite($0), false) }
            + rightClients.map { (suite("connect: {unit: s}", $0), true) }
            + wrongClients.map { (suite("connect: {unit: s}", $0), false) } + rest
    }

    private func write(_ samples: [Sample], _ name: String, in folder: URL) throws {
        let folder = folder.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (number, sample) in samples.enumerated() {
            try Data(sample.text.utf8).write(to: folder.appending(path: "\(number).yaml"))
        }
    }

    /// What of the samples is judged otherwise than it is.
    private func misjudged(_ samples: [Sample], _ isTaken: (Int) -> Bool) -> [String] {
        samples.enumerated().filter { isTaken($0) != $1.isRight }.map {
            "\($1.isRight ? "right" : "wrong"): \($1.text)"
        }
    }

    @Test("The schemas and the readers take the same suites and rigs")
    func agreement() async throws {
        let steps = Set(CustomSteps.byName.keys)
        #expect(
            misjudged(Self.suites) {
                (try? SuiteFile(yaml: Self.suites[$0].text, path: "x", customSteps: steps)) != nil
            } == [])
        #expect(misjudged(Self.rigs) { (try? RigFile(yaml: Self.rigs[$0].text, path: "x")) != nil } == [])
        try await withTemporaryDirectory { folder in
            try write(Self.suites, "suite", in: folder)
            try write(Self.rigs, "rig", in: folder)
            struct Taken: Decodable {
                let `is`: [String]
            }
            let taken = try await PythonPeer.run("hil_schemas.py", [repositoryRoot.path, folder.path]).map {
                Set(try JSONDecoder().decode(Taken.self, from: Data($0.utf8)).is)
            }
            try #require(taken.count == 2)
            #expect(misjudged(Self.suites) { taken[0].contains("\($0)") } == [])
            #expect(misjudged(Self.rigs) { taken[1].contains("\($0)") } == [])
        }
    }
}
