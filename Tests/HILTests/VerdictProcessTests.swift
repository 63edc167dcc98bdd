import Daemon
import Foundation
import TestSupport
import Testing

/// What a run comes to, and its exit code, by real runs.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct VerdictProcessTests {
    private static let sim = """
        name: sim
        boards:
          sensor: {kind: read, driver: simulated}
          lamp: {kind: lamp, driver: simulated}
        """

    private static func suite(
        _ steps: String, given: String = "lamp: {kind: lamp, abilities: [network, lamp-readback]}"
    )
        -> String
    {
        "name: s\ngiven: {\(given)}\nsteps:\n\(steps)\n"
    }

    /// Runs one suite, and gives the exit code and the lines on stdout and stderr.
    private func run(
        _ suite: String, on rig: String = sim, _ arguments: [String] = [], in folder: URL
    ) async throws -> (end: String, lines: [String], errors: [String]) {
        try Data(suite.utf8).write(to: folder.appending(path: "suite.yaml"))
        try Data(rig.utf8).write(to: folder.appending(path: "rig.yaml"))
        let done = try await FinishedCommand.run(
            [
                "hil", "run", folder.appending(path: "suite.yaml").path, "--rig",
                folder.appending(path: "rig.yaml").path,
                "--lock-folder", folder.appending(path: "locks").path,
            ] + arguments)
        return (done.end, done.output, done.errors)
    }

    @Test("0: each step did what it says")
    func passed() async throws {
        try await withTemporaryDirectory { folder in
            let done = try await run(
                Self.suite(
                    "  - connect: {unit: lamp}\n  - client sends: {text: \"red\\r\"}\n  - lamp shows: {unit: lamp, colour: red}"
                ),
                ["--output", folder.appending(path: "out").path], in: folder)
            #expect(done.end == "exit code 0")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "out").path).sorted()
            #expect(names == [".iot-hil-results", "junit.xml", "report.html", "run.json", "transcripts"])
        }
    }

    @Test("1: a step found something else, and the reason says what, with the line")
    func failed() async throws {
        try await withTemporaryDirectory { folder in
            let done = try await run(
                Self.suite("  - lamp shows: {unit: lamp, colour: red}\n    within: 300ms"), in: folder)
            #expect(done.end == "exit code 1")
            #expect(
                done.lines.contains {
                    $0.contains(
                        "line 4, lamp shows: {unit: lamp, colour: red}: lamp shows #000000, not #ff0000, after 300ms")
                })
            // Two retries change nothing for what always fails.
            let again = try await run(
                Self.suite("  - run: {command: [\"false\"]}"), ["--retries", "2", "--allow", "skipped,flaky"],
                in: folder)
            #expect(again.end == "exit code 1")
        }
    }

    @Test("3: what passes when it is tried again is flaky, and passes only where that is allowed")
    func flaky() async throws {
        try await withTemporaryDirectory { folder in
            let mark = folder.appending(path: "mark").path
            let suite = Self.suite("  - run: {command: [sh, -c, 'test -e \(mark) || { touch \(mark); exit 1; }']}")
            let done = try await run(suite, ["--retries", "1"], in: folder)
            #expect(done.end == "exit code 3")
            #expect(done.lines.contains { $0.hasPrefix("flaky") && $0.contains("ended with exit code 1") })
            try FileManager.default.removeItem(atPath: mark)
            #expect(try await run(suite, ["--retries", "1", "--allow", "flaky"], in: folder).end == "exit code 0")
            try FileManager.default.removeItem(atPath: mark)
            #expect(try await run(suite, in: folder).end == "exit code 1")
        }
    }

    @Test(
        "4: a program that is not there, an address where nobody is, a port that is not there, and a unit that ends at once"
    )
    func infrastructure() async throws {
        let boards = [
            ("{kind: lamp, driver: firmware-host, folder: /nowhere}", "make firmware-host builds it"),
            ("{kind: lamp, driver: command, start: [\"false\"]}", "ended before it was ready (exit code 1)"),
            (
                "{kind: lamp, driver: serial, address: 127.64.255.1, wiring: {lamp-readback: [cat]}}",
                "nobody answers at 127.64.255.1:8888"
            ),
            (
                "{kind: lamp, driver: serial, serial: {port: /dev/ttyNONE9}, abilities: [network, lamp-readback]}",
                "/dev/ttyNONE9: there is no such port"
            ),
        ]
        try await withTemporaryDirectory { folder in
            for (board, why) in boards {
                let done = try await run(
                    Self.suite("  - wait: 10ms"), on: "name: r\nboards: {b: \(board)}\n", ["--retries", "1"], in: folder
                )
                #expect(done.end == "exit code 4", "\(board)")
                #expect(done.lines.contains { $0.hasPrefix("infrastructure") && $0.contains(why) }, "\(done.lines)")
            }
        }
    }

    @Test("4: a board that another run holds is not there either, and the reason says who has it")
    func locked() async throws {
        try await withTemporaryDirectory { folder in
            try await RunningBoard.run(.rfc2217, in: folder) { board in
                let rig = "name: r\nboards: {b: {kind: lamp, driver: serial, serial: {port: \"\(board.port)\"}}}\n"
                let suite = Self.suite("  - wait: 20s\n    within: 60s", given: "x: {kind: lamp, abilities: [serial]}")
                try Data(suite.utf8).write(to: folder.appending(path: "long.yaml"))
                try Data(rig.utf8).write(to: folder.appending(path: "rig.yaml"))
                let first = try BuiltCommand.start([
                    "hil", "run", folder.appending(path: "long.yaml").path, "--rig",
                    folder.appending(path: "rig.yaml").path, "--lock-folder", folder.appending(path: "locks").path,
                ])
                try await eventually("the first run holds the board", within: .seconds(30)) {
                    let files =
                        (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "locks").path))
                        ?? []
                    return files.contains { name in
                        let text = try? String(contentsOf: folder.appending(path: "locks/\(name)"), encoding: .utf8)
                        return text?.contains("\"pid\"") ?? false
                    }
                }
                let done = try await run(suite, on: rig, in: folder)
                #expect(done.end == "exit code 4")
                #expect(done.lines.contains { $0.contains("is held by run \"s\"") })
                // One that waits has the board when the first has ended.
                let short = Self.suite("  - wait: 10ms", given: "x: {kind: lamp, abilities: [serial]}")
                async let later = run(short, on: rig, ["--wait-for-boards", "200s"], in: folder)
                let mark = "--wait-for-boards\0" + "200s"
                try await eventually("the run that waits", within: .seconds(60)) {
                    try !Self.processes(with: mark).isEmpty
                }
                await first.stop(within: .seconds(20))
                #expect(try await later.end == "exit code 0")
            }
        }
    }

    @Test("4: a run whose results cannot be written has not passed; one whose transcripts cannot be says so")
    func unwritten() async throws {
        try await withTemporaryDirectory { folder in
            let output = folder.appending(path: "out").path
            let inTheWay = Self.suite("  - run: {command: [mkdir, -p, '\(output)/junit.xml/x']}")
            let done = try await run(inTheWay, ["--output", output], in: folder)
            #expect(done.end == "exit code 4")
            #expect(
                done.errors.contains { $0.hasPrefix("Error: \(output)/junit.xml cannot be written: ") },
                "\(done.errors)")
            let other = folder.appending(path: "other").path
            let gone = Self.suite("  - run: {command: [sh, -c, 'rm -r \(other)/transcripts; echo gone']}")
            let second = try await run(gone, ["--output", other], in: folder)
            #expect(second.end == "exit code 0")
            #expect(
                second.lines.last == "  warning: transcripts are incomplete: runner-sh.log: No such file or directory",
                "\(second.lines)")
        }
    }

    @Test(
        "5: what the rig lacks is skipped with its reason, and passes only where that is allowed and something else was played"
    )
    func skipped() async throws {
        try await withTemporaryDirectory { folder in
            let suite = Self.suite("  - wait: 10ms", given: "lamp: {kind: lamp, abilities: [line-feed]}")
            let done = try await run(suite, in: folder)
            #expect(done.end == "exit code 5")
            #expect(done.lines.contains { $0.contains("no board for lamp: lamp lacks line-feed") })
            #expect(try await run(suite, ["--allow", "skipped"], in: folder).end == "exit code 5")
            let other = folder.appending(path: "other.yaml")
            try Data("name: o\ngiven: {lamp: {kind: lamp}}\nsteps: [{wait: 10ms}]\n".utf8).write(to: other)
            #expect(try await run(suite, [other.path, "--allow", "skipped"], in: folder).end == "exit code 0")
        }
    }

    @Test("64 for a wrong call, 78 for a wrong file, with file and line")
    func wrong() async throws {
        try await withTemporaryDirectory { folder in
            #expect(try await run(Self.suite("  - wait: 1s"), ["--allow", "failed"], in: folder).end == "exit code 64")
            #expect(try await run(Self.suite("  - wait: 1s"), ["--jobs", "0"], in: folder).end == "exit code 64")
            let done = try await run(Self.suite("  - wait: soon"), on: "name: r\n", in: folder)
            #expect(done.end == "exit code 78")
            let path = folder.path
            #expect(
                done.errors == [
                    "\(path)/rig.yaml: boards: is missing; it is the map of boards",
                    "\(path)/suite.yaml:4: steps[0].wait: must be a time such as 250ms, 1s, 5m or 2h",
                ])
            let set = try await run(Self.suite("  - wait: 1s"), ["--set", "a=1"], in: folder)
            #expect(set.end == "exit code 78")
        }
    }

    @Test("1: a case that failed stays failed, though its board was gone when it was tried again")
    func failedBefore() async throws {
        try await withTemporaryDirectory { folder in
            // The program fails, and is no program any more at the second attempt.
            let program = folder.appending(path: "once")
            try Data("#!/bin/sh\nrm -f '\(program.path)'\nexit 1\n".utf8).write(to: program)
            chmod(program.path, 0o755)
            let done = try await run(
                Self.suite("  - repeat: {times: 2, steps: [{run: {command: [\(program.path)]}}]}"), ["--retries", "3"],
                in: folder)
            #expect(done.end == "exit code 1")
            #expect(
                done.lines.contains {
                    $0.contains("ended with exit code 1, not exit code 0; attempt 2 came to infrastructure")
                })
            // From the beginning it is none, within a block too.
            let none = try await run(
                Self.suite("  - repeat: {times: 2, steps: [{run: {command: [\(program.path)]}}]}"), ["--retries", "3"],
                in: folder)
            #expect(none.end == "exit code 4")
        }
    }

    @Test(
        "130: a run that is ended stops what it has started; the case in its midst is interrupted, and the others are not run",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func interrupted(number: Int32) async throws {
        try await withTemporaryDirectory { folder in
            let unit = "lamp-\(UUID().uuidString.prefix(8))"
            let suite =
                "name: s\nmatrix: {n: [1, 2]}\ngiven: {\(unit): {kind: lamp, abilities: [network]}}\n"
                + "steps:\n  - start: hub\n  - wait: 200s\n"
            try Data(suite.utf8).write(to: folder.appending(path: "suite.yaml"))
            try Data(Self.sim.utf8).write(to: folder.appending(path: "rig.yaml"))
            let output = folder.appending(path: "out")
            let process = try BuiltCommand.start([
                "hil", "run", folder.appending(path: "suite.yaml").path, "--rig",
                folder.appending(path: "rig.yaml").path,
                "--output", output.path,
            ])
            let lines = Task { await process.lines.reduce(into: [String]()) { $0.append($1) } }
            let steps = output.appending(path: "transcripts/1-s__n_1_/runner-steps.log")
            try await eventually("the step that waits", within: .seconds(60)) {
                (try? String(contentsOf: steps, encoding: .utf8))?.contains("wait: 200s") ?? false
            }
            #expect(try Self.processes(with: "\0\(unit)\0").count == 1)
            kill(process.processIdentifier, number)
            #expect(await process.waitForEnd() == "exit code 130")
            #expect(try Self.processes(with: "\0\(unit)\0").isEmpty)
            let said = await lines.value
            #expect(said.contains { $0.hasPrefix("interrupted     ") && $0.hasSuffix("s [n=1]") }, "\(said)")
            #expect(said.contains("  line 6, wait: 200s: the run was interrupted"))
            #expect(said.contains { $0.hasPrefix("not run  ") && $0.hasSuffix("s [n=2]") })
            #expect(said.last?.hasSuffix(": 1 interrupted, 1 not run") == true)
            let junit = try String(contentsOf: output.appending(path: "junit.xml"), encoding: .utf8)
            #expect(junit.contains("<error message=\"line 6, wait: 200s: the run was interrupted\""))
            #expect(junit.contains("<skipped message=\"the run was interrupted before its turn\"/>"))
            let report = try String(contentsOf: output.appending(path: "report.html"), encoding: .utf8)
            #expect(report.contains("\"verdict\":\"interrupted\"") && report.contains("\"verdict\":\"not-run\""))
        }
    }

    @Test("what a step's program has started ends with it, and with the run, though that is killed")
    func leftBehind() async throws {
        try await withTemporaryDirectory { folder in
            // A time that nobody else sleeps.
            let time = "9\(Int.random(in: 100_000...999_999))"
            let left = Self.suite("  - run: {command: [sh, -c, \"sleep \(time) & exit 0\"]}")
            #expect(try await run(left, in: folder).end == "exit code 0")
            try await eventually("its end") { try Self.processes(with: "sleep\0\(time)\0").isEmpty }
            let suite = Self.suite(
                "  - run: {command: [sh, -c, \"trap '' TERM; sleep \(time); exit 0\"]}\n    within: 200s")
            try Data(suite.utf8).write(to: folder.appending(path: "suite.yaml"))
            let process = try BuiltCommand.start([
                "hil", "run", folder.appending(path: "suite.yaml").path, "--rig",
                folder.appending(path: "rig.yaml").path,
            ])
            try await eventually("the program", within: .seconds(60)) {
                try Self.processes(with: "sleep\0\(time)\0").count == 1
            }
            kill(process.processIdentifier, SIGKILL)
            try await eventually("its end", within: .seconds(60)) {
                try Self.processes(with: "sleep\0\(time)\0").isEmpty
            }
        }
    }

    /// The numbers of processes whose command lines have that.
    private static func processes(with text: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { number in
            guard Int(number) != nil, let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(text)
        }
    }

    @Test("--repeat runs all again, --until-failure ends with the first that fails, --only chooses by name")
    func repeated() async throws {
        try await withTemporaryDirectory { folder in
            let count = folder.appending(path: "count").path
            let suite = Self.suite("  - run: {command: [sh, -c, 'echo >> \(count); test $(wc -l < \(count)) -lt 3']}")
            let done = try await run(suite, ["--repeat", "9", "--until-failure"], in: folder)
            #expect(done.end == "exit code 1")
            #expect(done.lines.contains { $0.hasPrefix("3 cases on rig sim") && $0.hasSuffix("1 failed, 2 passed") })
            let none = try await run(suite, ["--only", "nothing*"], in: folder)
            #expect(none.end == "exit code 78")
        }
    }
}
