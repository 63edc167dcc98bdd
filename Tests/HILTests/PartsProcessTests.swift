import Foundation
import TestSupport
import Testing

/// How the parts of a run end, and what is said of one that has ended, by real runs.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct PartsProcessTests {
    private static let units = "  sensor: {kind: read, driver: simulated}\n  lamp: {kind: lamp, driver: simulated}\n"
    private static let given =
        "sensor: {kind: read, abilities: [network, serial, power]}, lamp: {kind: lamp, abilities: [network, lamp-readback, power]}"

    /// - Parameter rig: More of the rig than its units.
    private func run(
        _ steps: String, given: String = given, units: String = units, _ rig: String = "", in folder: URL
    ) async throws -> (end: String, reason: String) {
        let (suite, file) = (folder.appending(path: "s.yaml"), folder.appending(path: "r.yaml"))
        try Data("name: s\ngiven: {\(given)}\nsteps:\n\(steps)\n".utf8).write(to: suite)
        try Data("name: r\nboards:\n\(units)\(rig)\n".utf8).write(to: file)
        let done = try await FinishedCommand.run([
            "hil", "run", suite.path, "--rig", file.path, "--lock-folder", folder.appending(path: "locks").path,
        ])
        return (done.end, done.output.joined(separator: "\n"))
    }

    /// A rig whose base is a script that says that it is ready.
    private func base(_ script: String, in folder: URL) throws -> String {
        let file = folder.appending(path: "base.sh")
        try Data("echo '{}'\n\(script)\n".utf8).write(to: file)
        return "base: {start: [sh, \(file.path)]}"
    }

    private static let both = "  - start: hub\n  - start: base\n"

    @Test("A base that ends by itself fails the case, though no step asks for it")
    func crash() async throws {
        try await withTemporaryDirectory { folder in
            let done = try await run(
                Self.both + "  - wait: 2s", base("sleep 1\necho out of paper >&2\nexit 3", in: folder), in: folder)
            #expect(done.end == "exit code 1")
            #expect(done.reason.contains("the base ended by itself (exit code 3; its last line: out of paper)"))
        }
    }

    @Test("A base that has to be killed fails the step that stops it, one that ends in disorder the case at its end")
    func stop() async throws {
        try await withTemporaryDirectory { folder in
            let stays = try await run(
                Self.both + "  - stop: base",
                base("trap '' TERM\necho ignoring >&2\nwhile :; do sleep 0.1; done", in: folder), in: folder)
            #expect(stays.end == "exit code 1")
            #expect(stays.reason.contains("line 6, stop: base: the base had to be killed"), "\(stays.reason)")
            #expect(stays.reason.contains("its last line: ignoring"))
            let late = try await run(
                Self.both + "  - stop: base\n    within: 200ms",
                base("trap 'sleep 2; exit 0' TERM\nwhile :; do sleep 0.1; done", in: folder), in: folder)
            #expect(late.reason.contains("line 6, stop: base: not within 200ms"), "\(late.reason)")
            let three = try await run(
                Self.both + "  - wait: 10ms",
                base("trap 'exit 3' TERM\nwhile :; do sleep 0.1; done", in: folder), in: folder)
            #expect(three.end == "exit code 1")
            #expect(
                three.reason.contains(
                    "at the end: the base was asked to end, and has not ended in order (exit code 3)"),
                "\(three.reason)")
        }
    }

    @Test("A base that does not start is the bench's fault, and says why; one that has been there before is not")
    func start() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "base.sh")
            try Data("echo no token >&2\nexit 78\n".utf8).write(to: file)
            let never = try await run(Self.both, "base: {start: [sh, \(file.path)]}", in: folder)
            #expect(never.end == "exit code 4")
            #expect(never.reason.contains("the base ended before it was ready (exit code 78); it said: no token"))
            let mark = folder.appending(path: "mark").path
            try Data(
                "test -e \(mark) && exit 78\ntouch \(mark)\necho '{}'\ntrap 'exit 0' TERM\nwhile :; do sleep 0.1; done\n"
                    .utf8
            ).write(to: file)
            let again = try await run(
                Self.both + "  - kill: base\n  - start: base", "base: {start: [sh, \(file.path)]}", in: folder)
            #expect(again.end == "exit code 1", "\(again.reason)")
            #expect(again.reason.contains("the base ended before it was ready (exit code 78)"))
        }
    }

    @Test("A hub that was killed, or that gives no answer, has not nothing")
    func hubGone() async throws {
        try await withTemporaryDirectory { folder in
            let killed = try await run(
                Self.both + "  - kill: hub\n  - hub expects nothing: {unit: sensor, for: 100ms}", in: folder)
            #expect(killed.end == "exit code 1")
            #expect(killed.reason.contains("no hub runs: nothing can be said of what it has"))
            let pid = folder.appending(path: "pid").path
            let script = folder.appending(path: "hub.sh")
            try Data("echo $$ > \(pid)\nexec \"$@\"\n".utf8).write(to: script)
            let silent = try await run(
                "  - start: hub\n  - run: {command: [sh, -c, 'kill -STOP $(cat \(pid))']}\n"
                    + "  - hub expects nothing: {unit: sensor, for: 100ms}\n    within: 1s",
                "hub: {start: [sh, \(script.path), \"{iot}\"]}", in: folder)
            #expect(silent.end == "exit code 1")
            #expect(silent.reason.contains("the hub does not answer"), "\(silent.reason)")
        }
    }

    @Test("What was printed before the power went is not what is printed after it, and a lamp forgets what it showed")
    func earlierLife() async throws {
        try await withTemporaryDirectory { folder in
            let stale = try await run(
                """
                  - power: {unit: sensor, to: cycle}
                  - serial expects: {unit: sensor, text: IP address}
                  - power: {unit: sensor, to: off}
                  - serial expects: {unit: sensor, text: on port 8888}
                    within: 300ms
                """, in: folder)
            #expect(stale.end == "exit code 1")
            #expect(
                stale.reason.contains("line 7, serial expects: {unit: sensor, text: on port 8888}: not within 300ms"))
            let dark = try await run(
                """
                  - connect: {unit: lamp}
                  - client sends: {text: "red\\r"}
                  - lamp shows: {unit: lamp, colour: red}
                  - power: {unit: lamp, to: cycle}
                  - lamp keeps: {unit: lamp, colour: black, for: 10ms}
                  - power: {unit: lamp, to: off}
                  - lamp keeps: {unit: lamp, colour: black, for: 10ms}
                """, in: folder)
            #expect(dark.end == "exit code 1")
            #expect(dark.reason.contains("line 10, lamp keeps"), "\(dark.reason)")
            #expect(dark.reason.contains("nothing is known of what lamp shows yet"))
        }
    }

    @Test("A port that goes in mid-case is the bench's fault, whatever the steps after it ask for")
    func unplugged() async throws {
        try await withTemporaryDirectory { folder in
            for steps in ["wait: 1s", "serial lacks: {unit: board, text: x, for: 1s}"] {
                try await RunningBoard.run(.rfc2217, in: folder) { board in
                    let done = try await run(
                        "  - run: {command: [kill, \"\(board.process.processIdentifier)\"]}\n  - \(steps)",
                        given: "board: {kind: read, abilities: [serial]}",
                        units: "  b: {kind: read, driver: serial, serial: {port: \"\(board.port)\"}}\n", in: folder)
                    #expect(done.end == "exit code 4", "\(done.reason)")
                    #expect(done.reason.contains("infrastructure"))
                }
            }
        }
    }

    @Test("A board that a case has left without power gets it back")
    func leftOff() async throws {
        try await withTemporaryDirectory { folder in
            try await RunningBoard.run(.rfc2217, in: folder) { board in
                let log = folder.appending(path: "switched").path
                let done = try await run(
                    "  - power: {unit: board, to: off}\n  - run: {command: [\"false\"]}",
                    given: "board: {kind: read, abilities: [serial, power]}",
                    units: "  b: {kind: read, driver: serial, serial: {port: \"\(board.port)\"}, power: "
                        + "{on: [sh, -c, 'echo on >> \(log)'], off: [sh, -c, 'echo off >> \(log)']}}\n", in: folder)
                #expect(done.end == "exit code 1")
                #expect(try String(contentsOfFile: log, encoding: .utf8) == "off\non\n")
            }
        }
    }

    @Test("A program that is to say what a lamp shows, and ends, is the bench's fault")
    func readback() async throws {
        try await withTemporaryDirectory { folder in
            try await RunningBoard.run(.rfc2217, in: folder) { board in
                let done = try await run(
                    "  - wait: 2s", given: "board: {kind: lamp, abilities: [serial, lamp-readback]}",
                    units: "  b: {kind: lamp, driver: serial, serial: {port: \"\(board.port)\"}, "
                        + "wiring: {lamp-readback: [sh, -c, 'echo \"#ff0000\"; exit 7']}}\n", in: folder)
                #expect(done.end == "exit code 4")
                #expect(done.reason.contains("readback has ended (exit code 7)"), "\(done.reason)")
            }
        }
    }
}
