import Daemon
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// Switches of a real board's power that are no programs of the rig's: `uhubctl`, and a person at a terminal.
///
/// The board is a virtual one, and its switch is a program of that name, or a test that presses Enter.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct PowerSwitchProcessTests {
    private static let given = "board: {kind: read, abilities: [serial, power]}"

    /// The words of a run of these steps.
    private func call(_ steps: String, power: String, port: String, in folder: URL) throws -> [String] {
        let (suite, rig) = (folder.appending(path: "s.yaml"), folder.appending(path: "r.yaml"))
        try Data("name: s\ngiven: {\(Self.given)}\nsteps:\n\(steps)\n".utf8).write(to: suite)
        try Data(
            "name: r\nboards: {b: {kind: read, driver: serial, serial: {port: \"\(port)\"}, power: \(power)}}\n".utf8
        ).write(to: rig)
        return [
            "hil", "run", suite.path, "--rig", rig.path, "--lock-folder", folder.appending(path: "locks").path,
        ]
    }

    // MARK: uhubctl

    /// A run with `folder/bin` before all else in PATH.
    private func run(_ words: [String], in folder: URL, path: String? = nil) async throws -> FinishedCommand {
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = path ?? "\(folder.path)/bin:\(environment["PATH"] ?? "/usr/bin:/bin")"
        return await FinishedCommand.run(
            try ChildProcess(
                name: "iot hil", executable: try BuiltCommand.executable(), arguments: words, environment: environment,
                readsErrors: true))
    }

    @Test("uhubctl is told hub, port and action, in order; where it fails, or is not there, that is the bench's fault")
    func uhubctl() async throws {
        try await withTemporaryDirectory { folder in
            let (bin, log) = (folder.appending(path: "bin"), folder.appending(path: "log"))
            try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
            let program = bin.appending(path: "uhubctl")
            func write(_ script: String) throws {
                try Data("#!/bin/sh\n\(script)\n".utf8).write(to: program)
                #expect(chmod(program.path, 0o755) == 0)
            }
            try await RunningBoard.run(.rfc2217, in: folder) { board in
                let words = try call(
                    "  - power: {unit: board, to: cycle}\n  - power: {unit: board, to: off}",
                    power: "{uhubctl: {hub: 1-1.4, port: 2}}", port: board.port, in: folder)
                try write("echo \"$@\" >> \(log.path)")
                let done = try await run(words, in: folder)
                #expect(done.end == "exit code 0", "\(done.output)")
                // The last one gives the board its power back when the case is over.
                let actions = ["off", "on", "off", "on"]
                #expect(
                    try String(contentsOf: log, encoding: .utf8)
                        == actions.map { "-l 1-1.4 -p 2 -a \($0)\n" }.joined())
                try write("echo 'No compatible devices detected at location 1-1.4!' >&2\nexit 1")
                let broken = try await run(words, in: folder)
                #expect(broken.end == "exit code 4")
                #expect(
                    broken.output.contains {
                        $0.contains(
                            "the power of b: uhubctl -l 1-1.4 -p 2 -a off ended with exit code 1")
                            && $0.contains("No compatible devices detected at location 1-1.4!")
                    }, "\(broken.output)")
                try FileManager.default.removeItem(at: program)
                let none = try await run(words, in: folder, path: bin.path)
                #expect(none.end == "exit code 4")
                #expect(none.output.contains { $0.contains("there is no program uhubctl in PATH") }, "\(none.output)")
            }
        }
    }

    // MARK: A person

    /// A terminal's far end: what is painted there, and the keys.
    private final class Keyboard: Sendable {
        let path: String
        private let keys: Int32
        private let terminal: Int32
        private let seen = Mutex("")

        init() throws {
            var (keys, terminal): (Int32, Int32) = (-1, -1)
            var size = winsize(ws_row: 24, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0)
            guard openpty(&keys, &terminal, nil, nil, &size) == 0, let name = ttyname(terminal) else {
                throw CocoaError(.fileReadUnknown)
            }
            (self.keys, self.terminal, path) = (keys, terminal, String(cString: name))
            _ = fcntl(keys, F_SETFL, O_NONBLOCK)
        }

        deinit { for one in [keys, terminal] { close(one) } }

        func press(_ text: String) { _ = write(keys, text, text.utf8.count) }

        /// All that was written to the terminal so far.
        func text() -> String {
            seen.withLock { seen in
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while case let count = read(keys, &buffer, buffer.count), count > 0 {
                    seen += String(decoding: buffer[..<count], as: UTF8.self)
                }
                return seen
            }
        }

        /// So often this stands on the terminal, or did.
        func count(of text: String) -> Int { self.text().ranges(of: text).count }
    }

    /// Starts a run whose stdin and stderr are a terminal, and whose stdout is one too where `paints`.
    private func start(_ words: [String], at keyboard: Keyboard, paints: Bool) throws -> ChildProcess {
        var environment = ProcessInfo.processInfo.environment
        environment["TERM"] = "xterm-256color"
        let redirection = "<\"$0\" 2>\"$0\"" + (paints ? " >\"$0\"" : "")
        return try ChildProcess(
            name: "iot hil", executable: URL(filePath: "/bin/sh"),
            arguments: ["-c", "exec \"$@\" \(redirection)", keyboard.path, try BuiltCommand.executable().path] + words,
            environment: environment)
    }

    @Test("A person at the terminal is asked to switch the power, and each Enter answers one question")
    func byHand() async throws {
        try await withTemporaryDirectory { folder in
            try await RunningBoard.run(.rfc2217, in: folder) { board in
                let keyboard = try Keyboard()
                let words = try call(
                    "  - power: {unit: board, to: cycle}\n    within: 120s\n"
                        + "  - power: {unit: board, to: off}\n    within: 120s",
                    power: "{by-hand: true}", port: board.port, in: folder)
                let process = try start(words + ["--plain"], at: keyboard, paints: false)
                async let finished = FinishedCommand.run(process, within: .seconds(240))
                let (off, on) = ("Please switch the power of b off", "Please switch the power of b on")
                // The last question is that of the end, which gives the board its power back.
                for (question, count) in [(off, 1), (on, 1), (off, 2), (on, 2)] {
                    try await eventually("\(question), \(count)", within: .seconds(60)) {
                        keyboard.count(of: question) == count
                    }
                    #expect(keyboard.count(of: "Please") == (question == off ? 2 * count - 1 : 2 * count))
                    keyboard.press("\n")
                }
                let done = await finished
                #expect(done.end == "exit code 0", "\(done.output) \(keyboard.text())")
                #expect(done.output.last?.hasSuffix(": 1 passed") == true, "\(done.output)")
            }
        }
    }

    @Test(
        "In the live view the question stands until its step's time is over, and that nobody answers is the bench's fault"
    )
    func unanswered() async throws {
        try await withTemporaryDirectory { folder in
            try await RunningBoard.run(.rfc2217, in: folder) { board in
                let keyboard = try Keyboard()
                let words = try call(
                    "  - power: {unit: board, to: off}\n    within: 10s", power: "{by-hand: true}", port: board.port,
                    in: folder)
                let process = try start(words, at: keyboard, paints: true)
                async let finished = FinishedCommand.run(process, within: .seconds(120))
                try await eventually("the question", within: .seconds(60)) {
                    keyboard.count(of: "Please switch the power of b off, then press Enter.") > 0
                }
                // The terminal takes no more than its buffer holds where nobody reads.
                try await eventually("the end", within: .seconds(60)) {
                    _ = keyboard.text()
                    return process.endStatus != nil
                }
                #expect(await finished.end == "exit code 4")
                #expect(
                    keyboard.text().contains(
                        "somebody was asked to switch the power of b off, and has not answered in time"),
                    "\(keyboard.text())")
                // Who has not answered has not switched it off, and is not asked to switch it on.
                #expect(keyboard.count(of: "Please switch the power of b on") == 0)
            }
        }
    }
}
