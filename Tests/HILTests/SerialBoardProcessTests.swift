import Daemon
import Foundation
import TestSupport
import Testing

@testable import HIL

/// Driver `serial`, which has real boards, by a virtual one behind an RFC 2217 port, and by programs that are switches.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SerialBoardProcessTests {
    private func run(
        _ given: String, _ steps: String, board: String, in folder: URL, _ arguments: [String] = []
    ) async throws -> FinishedCommand {
        let (suite, rig) = (folder.appending(path: "s.yaml"), folder.appending(path: "r.yaml"))
        try Data("name: s\ngiven: {board: \(given)}\nsteps:\n\(steps)\n".utf8).write(to: suite)
        try Data("name: r\nboards: {b: \(board)}\n".utf8).write(to: rig)
        return try await FinishedCommand.run(
            ["hil", "run", suite.path, "--rig", rig.path, "--lock-folder", folder.appending(path: "locks").path]
                + arguments)
    }

    @Test(
        "A board on a serial port is flashed, reset and listened to at two speeds",
        .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
    func flash() async throws {
        try await withTemporaryDirectory { folder in
            let build = try ChildProcess(
                name: "build", executable: repositoryRoot.appending(path: "hil/firmware/build"),
                arguments: [folder.path], readsErrors: true)
            #expect(await FinishedCommand.run(build).end == "exit code 0")
            try await RunningBoard.run(.rfc2217, in: folder, arguments: ["--timing", "real"]) { board in
                let done = try await run(
                    "{kind: any, abilities: [serial, flash, reset, boot-text]}",
                    """
                      - flash: {unit: board, image: \(folder.path)/turns.elf}
                      - serial expects: {unit: board, text: turn 2}
                      - serial speed: {unit: board, baud: 74880}
                      - reset: board
                      - serial expects: {unit: board, regex: 'rst cause:\\d, boot mode:\\(3'}
                      - serial speed: {unit: board, baud: 115200}
                      - serial lacks: {unit: board, text: turn 1000, for: 1s}
                    """,
                    board: "{kind: read, driver: serial, may-be-flashed: true, wiring: {reset-lines: true}, "
                        + "serial: {port: \"\(board.port)\", baud: 115200}}", in: folder)
                #expect(done.end == "exit code 0", "\(done.output)")
            }
        }
    }

    @Test(
        "A failure of the power that comes too late is none, and does not come after the step",
        .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
    func lateBrownOut() async throws {
        try await withTemporaryDirectory { folder in
            let build = try ChildProcess(
                name: "build", executable: repositoryRoot.appending(path: "hil/firmware/build"),
                arguments: [folder.path], readsErrors: true)
            #expect(await FinishedCommand.run(build).end == "exit code 0")
            try await RunningBoard.run(.rfc2217, in: folder) { board in
                let log = folder.appending(path: "switched").path
                let done = try await run(
                    "{kind: any, abilities: [serial, flash, brown-out]}",
                    "  - flash: {unit: board, image: \(folder.path)/turns.elf, power-fails-after: 16000000, outcome: either}",
                    board: "{kind: read, driver: serial, may-be-flashed: true, wiring: {reset-lines: true}, "
                        + "serial: {port: \"\(board.port)\", baud: 115200}, "
                        + "power: {on: [sh, -c, 'echo on >> \(log)'], off: [sh, -c, 'echo off >> \(log)']}}", in: folder
                )
                #expect(done.end == "exit code 4", "\(done.output)")
                #expect(
                    done.output.contains {
                        $0.contains("the power did not fail in time: before it the work was over (exit code 0")
                    })
                #expect(!FileManager.default.fileExists(atPath: log))
            }
        }
    }

    /// Programs that switch a virtual board, which is somebody else's to the run, on and off, at one port for ever.
    private func switches(in folder: URL) throws -> (on: URL, off: URL, port: Int) {
        let (handle, port) = try Cable.listen(Stage.loopback, 0)
        close(handle)
        let (on, off) = (folder.appending(path: "on.sh"), folder.appending(path: "off.sh"))
        let iot = try BuiltCommand.executable().path
        try Data(
            """
            cd \(folder.path)
            rm -f ready
            setsid \(iot) board --rfc2217 \(port) --flash flash --timing real --json </dev/null >ready 2>log &
            echo $! >pid
            until grep -q boards ready || ! kill -0 $(cat pid); do sleep 0.05; done

            """.utf8
        ).write(to: on)
        try Data("kill -9 $(cat \(folder.path)/pid)\n".utf8).write(to: off)
        return (on, off, port)
    }

    @Test(
        "The power of a board on a serial port fails while it is written, and the board is mended by the next write",
        .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
    func brownOut() async throws {
        try await withTemporaryDirectory { folder in
            let build = try ChildProcess(
                name: "build", executable: repositoryRoot.appending(path: "hil/firmware/build"),
                arguments: [folder.path], readsErrors: true)
            #expect(await FinishedCommand.run(build).end == "exit code 0")
            let power = try switches(in: folder)
            func turn(_ script: URL) async throws {
                let process = try ChildProcess(
                    name: "switch", executable: URL(filePath: "/bin/sh"), arguments: [script.path])
                #expect(await process.waitForEnd() == "exit code 0")
            }
            try await turn(power.on)
            let done = try await run(
                "{kind: any, abilities: [serial, flash, brown-out, reset]}",
                """
                  - flash: {unit: board, image: \(folder.path)/turns.elf, power-fails-after: 4096, outcome: failure}
                  - flash: {unit: board, image: \(folder.path)/turns.elf}
                  - serial expects: {unit: board, text: turn 2}
                """,
                board: "{kind: read, driver: serial, may-be-flashed: true, wiring: {reset-lines: true}, "
                    + "serial: {port: \"rfc2217://127.0.0.1:\(power.port)\", baud: 115200}, "
                    + "power: {on: [sh, \(power.on.path)], off: [sh, \(power.off.path)]}}", in: folder)
            #expect(done.end == "exit code 0", "\(done.output)")
            try await turn(power.off)
        }
    }

    @Test("Programs switch the power, and one that fails is the bench's fault; a person is asked only at a terminal")
    func power() async throws {
        try await withTemporaryDirectory { folder in
            try await RunningBoard.run(.rfc2217, in: folder) { board in
                let log = folder.appending(path: "switched").path
                let serial = "kind: read, driver: serial, serial: {port: \"\(board.port)\"}"
                let given = "{kind: read, abilities: [serial, power]}"
                let steps = "  - power: {unit: board, to: cycle}\n  - stop: board\n  - start: board"
                let done = try await run(
                    given, steps,
                    board:
                        "{\(serial), power: {on: [sh, -c, 'echo on >> \(log)'], off: [sh, -c, 'echo off >> \(log)']}}",
                    in: folder)
                #expect(done.end == "exit code 0", "\(done.output)")
                #expect(try String(contentsOfFile: log, encoding: .utf8) == "off\non\noff\non\n")
                let broken = try await run(
                    given, steps, board: "{\(serial), power: {on: [\"true\"], off: [\"false\"]}}", in: folder)
                #expect(broken.end == "exit code 4")
                #expect(broken.output.contains { $0.contains("the power of b: false ended with exit code 1") })
                let byHand = try await run(given, steps, board: "{\(serial), power: {by-hand: true}}", in: folder)
                #expect(byHand.end == "exit code 4")
                #expect(byHand.output.contains { $0.contains("switch the power of b off") })
            }
        }
    }

    @Test("A lamp in the network is commanded over the base, and a program says what it shows")
    func readback() async throws {
        try await withTemporaryDirectory { folder in
            let lamp = try BuiltCommand.start(["sim", "lamp", "--address", "127.39.21.1", "--stop-with-parent"])
            let console = folder.appending(path: "console")
            _ = FileManager.default.createFile(atPath: console.path, contents: nil)
            let said = Heard<String>()
            let copying = Task {
                let file = try FileHandle(forWritingTo: console)
                for await line in lamp.lines {
                    said.append(line, at: .zero)
                    guard let color = line.wholeMatch(of: /lamp: shows (#.*)/)?.1 else { continue }
                    try file.write(contentsOf: Data((color + "\n").utf8))
                }
            }
            try await eventually("the lamp listens") { said.first(from: 0) { $0.hasSuffix("on port 8888") } != nil }
            let done = try await run(
                "{kind: lamp, abilities: [network, lamp-readback]}",
                """
                  - start: hub
                  - start: base
                  - request: {unit: board, colour: red}
                  - lamp shows: {unit: board, colour: red}
                  - request: {unit: board, colour: "#0f8"}
                  - lamp shows: {unit: board, colour: "#00ff88"}
                """,
                board: "{kind: lamp, driver: serial, address: 127.39.21.1, "
                    + "wiring: {lamp-readback: [tail, -f, \(console.path)]}}", in: folder)
            #expect(done.end == "exit code 0", "\(done.output)")
            await lamp.stop(within: .seconds(10))
            _ = await copying.result
        }
    }
}
