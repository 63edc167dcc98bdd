import Daemon
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HIL

/// The view in tmux, a terminal that another program emulates.
@Suite(.timeLimit(.minutes(5)))
struct TerminalProgressTests {
    /// A tmux server of its own, whose one window shows what is written to it.
    private final class Terminal: Sendable {
        struct DidNotEndWell: Error {
            let result: FinishedCommand
        }

        private let socket: String
        private let input: FileHandle
        private let columns = Mutex(80)

        init(in folder: URL) async throws {
            socket = folder.appending(path: "tmux").path
            let pipe = folder.appending(path: "pipe").path
            guard mkfifo(pipe, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
            // Open both ways, so that to open it waits for nobody.
            let descriptor = open(pipe, O_RDWR | O_CLOEXEC)
            input = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            _ = try await Self.tmux(
                socket, ["new-session", "-d", "-x", "80", "-y", "24", "exec cat \(pipe)"])
        }

        var size: (columns: Int, rows: Int) { (columns.withLock(\.self), 24) }

        func write(_ text: String) { input.write(Data(text.utf8)) }

        func resize(to width: Int) async throws {
            _ = try await Self.tmux(socket, ["resize-window", "-x", "\(width)", "-y", "24"])
            columns.withLock { $0 = width }
        }

        /// What is in sight, without the empty lines at the end.
        func screen() async throws -> [String] {
            var lines = try await Self.tmux(socket, ["capture-pane", "-p"])
            while lines.last?.isEmpty == true { lines.removeLast() }
            return lines
        }

        func hasCursor() async throws -> Bool {
            try await Self.tmux(socket, ["display-message", "-p", "#{cursor_flag}"]) == ["1"]
        }

        /// As if a person pressed it.
        func press(_ key: String) async throws { _ = try await Self.tmux(socket, ["send-keys", key]) }

        func end() async throws { _ = try await Self.tmux(socket, ["kill-server"]) }

        private static func tmux(_ socket: String, _ arguments: [String]) async throws -> [String] {
            let process = try ChildProcess(
                name: "tmux", executable: URL(filePath: "/usr/bin/tmux"),
                arguments: ["-u", "-S", socket, "-f", "/dev/null"] + arguments,
                environment: ["PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"],
                readsErrors: true)
            let result = await FinishedCommand.run(process, within: .seconds(20))
            guard result.end == "exit code 0" else { throw DidNotEndWell(result: result) }
            return result.output
        }
    }

    private let name = "command [terminator=CRLF]"

    private func begin(_ view: TerminalProgress) {
        view.on(.planned(["connect", name]))
        view.on(.started(case: "connect", attempt: 1))
        view.on(.ended(case: "connect", .passed, reason: nil, .milliseconds(2500)))
        view.on(.started(case: name, attempt: 1))
        view.on(.step(case: name, index: 2, of: 4, text: "lamp shows red"))
        for number in 0..<20 {
            view.on(.entry(case: name, SampleRun.entry(number, .serial, "lamp", "tick \(number) \u{1B}[2J and so on")))
        }
    }

    private func finish(_ view: TerminalProgress) {
        view.on(.ended(case: name, .failed, reason: "line 16: it shows black", .seconds(5)))
        view.on(
            .finished(
                RunResult(
                    rig: "sim", started: SampleRun.run.started, duration: .seconds(8), command: [],
                    cases: [
                        SampleRun.result("connect", nil, .passed, attempts: [SampleRun.attempt(at: 0, .passed)]),
                        SampleRun.result(
                            "command", "terminator=CRLF", .failed, reason: "line 16: it shows black",
                            attempts: [SampleRun.attempt(at: 3000, .failed("it shows black"))]),
                    ])))
        view.on(.started(case: "too late", attempt: 1))
    }

    private let end = [
        "failed          command [terminator=CRLF] (5.0 s)", "  line 16: it shows black", "",
        "passed          2.5 s    connect", "failed          2.5 s    command [terminator=CRLF]",
        "  line 16: it shows black", "2 cases on rig sim in 8.0 s: 1 failed, 1 passed",
    ]

    @Test func `a view paints over itself, and leaves nothing but what has come out`() async throws {
        try await withTemporaryDirectory { folder in
            let terminal = try await Terminal(in: folder)
            let view = TerminalProgress(isColoured: true, size: { terminal.size }, write: { terminal.write($0) })
            begin(view)
            let shown = try await eventually("the picture") {
                let screen = try await terminal.screen()
                return screen.last == "1 passed, 1 running, 0 to come" ? screen : nil
            }
            #expect(shown[0] == "passed          connect (2.5 s)")
            #expect(shown[1...6] == (14..<20).map { "  0.0\($0) serial lamp: tick \($0) ?[2J and so on" }[...])
            #expect(shown[7].dropFirst().hasPrefix(" command [terminator=CRLF]  3/4 lamp shows red  "))
            #expect(shown.count == 9)
            try await eventually("another picture") {
                let screen = try await terminal.screen()
                return screen.count == 9 && screen[7] != shown[7]
            }
            finish(view)
            try await eventually("the end") { try await terminal.screen().last == end.last }
            #expect(try await terminal.screen() == ["passed          connect (2.5 s)"] + end)
            #expect(try await terminal.hasCursor())
            try await terminal.end()
        }
    }

    @Test func `a question stands below the picture until it is answered with Enter`() async throws {
        try await withTemporaryDirectory { folder in
            let terminal = try await Terminal(in: folder)
            let view = TerminalProgress(isColoured: true, size: { terminal.size }, write: { terminal.write($0) })
            begin(view)
            try await eventually("the picture") { try await terminal.screen().count == 9 }
            view.on(.asks("Please unplug desk-lamp\u{7}, then press Enter. "))
            try await eventually("the question") {
                try await terminal.screen().suffix(2) == [
                    "1 passed, 1 running, 0 to come", "Please unplug desk-lamp?, then press Enter.",
                ]
            }
            // A picture after the key and before the answer would stand a line lower; so will the answer's own.
            try await terminal.press("Enter")
            view.on(.answered(inTime: true))
            finish(view)
            try await eventually("the end") { try await terminal.screen().last == end.last }
            let screen = try await terminal.screen()
            #expect(screen.suffix(7) == end[...])
            #expect(!screen.contains { $0.hasPrefix("Please") })
            try await terminal.end()
        }
    }

    /// How a terminal breaks what stands on it, and when it tells its new width, is its own affair: what is above may be broken.
    @Test func `a terminal that becomes narrower has a narrower picture, and the whole end`() async throws {
        try await withTemporaryDirectory { folder in
            let terminal = try await Terminal(in: folder)
            let view = TerminalProgress(isColoured: true, size: { terminal.size }, write: { terminal.write($0) })
            begin(view)
            try await eventually("the picture") { try await terminal.screen().count == 9 }
            try await terminal.resize(to: 30)
            let narrow = (14..<20).map { "  0.0\($0) serial lamp: tick \($0)…" }
            try await eventually("the narrow picture") {
                let screen = try await terminal.screen()
                return screen.suffix(8).prefix(6) == narrow[...] && screen.last == "1 passed, 1 running, 0 to co…"
            }
            try await terminal.resize(to: 80)
            finish(view)
            try await eventually("the end") { try await terminal.screen().suffix(7) == end[...] }
            try await terminal.end()
        }
    }

    @Test func `a view that is closed before the end takes its picture away`() async throws {
        try await withTemporaryDirectory { folder in
            let terminal = try await Terminal(in: folder)
            let view = TerminalProgress(
                isColoured: false, size: { terminal.size }, write: { terminal.write($0) })
            view.on(.planned(["connect"]))
            view.on(.started(case: "connect", attempt: 1))
            try await eventually("the picture") { try await terminal.screen().count == 2 }
            view.close()
            terminal.write("interrupted\n")
            try await eventually("what comes after") { try await terminal.screen() == ["interrupted"] }
            #expect(try await terminal.hasCursor())
            try await terminal.end()
        }
    }
}
