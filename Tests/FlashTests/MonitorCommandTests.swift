import Foundation
import TestSupport
import Testing

/// `iot monitor` as a process, at terminals, in pipes and in tmux, driven by a script that knows nothing of its code.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct MonitorCommandTests {
    /// The findings of a scenario, without the words around them: `what: is`.
    private func findings(_ scenario: String) async throws -> [String] {
        try await withTemporaryDirectory { directory in
            let lines = try await PythonPeer.run(
                "monitor", [try BuiltCommand.executable().path, directory.path, scenario], within: .seconds(150))
            return lines.map { line in
                line.replacing(/^\{"what": "(.*)", "is": (.*)\}$/) { "\($0.1): \($0.2)" }
            }
        }
    }

    @Test("keys go to the board or do what the menu says, and the terminal is as it was before")
    func keys() async throws {
        #expect(
            try await findings("keys") == [
                #"Enter sends LF: "hi\n""#, "an open line shows at once: true", "keys are echoed, as text: true",
                "timestamps: true",
                #"hex: "00000000  41 00 ff                                         |A..|\r\n""#,
                "control keys reach the board: [29, 20, 3, 17, 19, 26, 28]", "Ctrl-]: [0, true]",
                #"--eol crlf: "x\r\n""#, "--baud: [74880, 74880]", "Ctrl-T q: [0, true]",
            ])
    }

    @Test("however it ends, the terminal is as it was before")
    func ends() async throws {
        #expect(
            try await findings("ends") == [
                "SIGINT: [130, true]", "SIGTERM: [130, true]", "SIGHUP: [130, true]", "SIGQUIT: [130, true]",
                "the port's end: [2, true]", "no port: [2, true]", "no log: [1, true]",
                "a log that is a pipe without a reader: [1, true]",
                "a log that is full ends nothing: [1, true]", "and is not forgotten: true",
                "a pattern that runs away is switched off: true", "quit: [0, true]",
                "its own terminal is no port: [2, true]", "nor /dev/tty: [2, true]",
                "SIGTERM while the terminal is stopped: [130, true]",
                "the terminal is closed: true",
            ])
    }

    @Test("whatever signal ends it, the terminal is as it was before")
    func signals() async throws {
        #expect(try await findings("signals") == ["each ends it, and the terminal is back: []"])
    }

    @Test("stopped, it gives the shell its terminal; continued, it takes keys again")
    func jobs() async throws {
        #expect(
            try await findings("jobs") == [
                "stopped, the terminal is the shell's: true", "continued, keys go to the board: true",
                "after a stop that cannot be caught too: true", "in the background it leaves the terminal alone: true",
                "in the foreground again: true", "it has quit, and the terminal is the shell's: true",
                "killed while it was stopped, it leaves the terminal alone: true",
                "started in the background it waits for the terminal: true", "and has it: true",
            ])
    }

    @Test("a server that says nothing makes no key dead, and one that refuses is not spoken of again and again")
    func network() async throws {
        #expect(
            try await findings("network") == [
                "Ctrl-C before the first answer: [130, true, true]", "keys while it is silent: [0, true, true]",
                "SIGTERM while it is silent: [130, true, true]",
                #"said of a server that refuses: ["PORT at 115200 baud \u00b7 Ctrl-] quits \u00b7 Ctrl-T menu", "#
                    + #""gone as soon as it is opened: has another program got it? Trying less often", "#
                    + #""PORT is back"]"#,
                "quit: [0, true]",
                "a port that is not there yet is waited for when asked: true", "quit: [0, true]",
            ])
    }

    @Test("a port that is gone is waited for, and used again when it is back")
    func reconnect() async throws {
        #expect(
            try await findings("reconnect") == [
                "what was typed meanwhile is not sent later: true", "what was typed meanwhile is not sent later: true",
                "it can be quit while it waits: [0, true]", "said once each time: 3",
                #"log: "first\nhalf\nagain 0\nagain 1\n""#, "plain TCP too: [0, true]",
            ])
    }

    @Test("in a pipe it prints plain lines, and ends with its port, its reader or a signal")
    func piped() async throws {
        #expect(
            try await findings("piped") == [
                #"whole lines: "one\ntwo \\x1B[31m\n""#, "SIGINT: 130", #"the last line: "Except""#,
                #"filters: "T=1\nan error\nT=2\n""#,
                #"the log has every line: "T=1\nnoise\nerror debug\nan error\nend T=\nT=2\n""#, "SIGTERM: 130",
                "the log is continued: true", "the port's end: 2",
                #"the error: "Error: DIR/board: the port is gone; was the board or its cable pulled out?""#,
                #"head: "1\n2\n""#, "the reader has gone and the board is silent: 0",
                "a slow reader loses nothing: true", "and it ends: 130",
                #"a full disk: [1, "Error: stdout: cannot be written: No space left on device\n"]"#,
                #"stdout is closed: [1, "Error: stdout: cannot be written: it is closed\n"]"#,
                #"stderr is closed, and the board gets nothing of it: [130, ""]"#,
            ])
    }

    @Test("a file is sent whole while the board's lines are shown")
    func files() async throws {
        #expect(
            try await findings("files") == [
                "the board's lines wait for the answer: true", "the board has the file: true",
                "what cannot be sent is named: true", "quit: [0, true]",
            ])
    }

    @Test("a serial server that is pyserial's sees both lines released, resets only when asked, and both speeds")
    func lines() async throws {
        #expect(
            try await findings("lines") == [
                "opening releases both lines: [false, false]", "and restarts nothing: 0", "the speed: [115200]",
                "quit: [0, true]", "--reset --boot-baud: [250000, 74880, 250000]", "restarts: 1",
                "both speeds were heard: true", "quit: [0, true]", "without --reset: [[9600], 0]",
                #"Ctrl-T r: [["baudrate", 9600], 1]"#, "Ctrl-T b: [[[false, true], [true, false]], [false, false]]",
                "quit: [0, true]",
            ])
    }

    @Test("on the screen of a terminal nothing that a board sends does more than show")
    func screen() async throws {
        let menu = [
            "--- r reset · b bootloader · f flash again · s send file · t timestamps · x hex",
            "--- e echo · q quit · Ctrl-T or Ctrl-]: send that key to the board",
        ]
        let shown =
            [
                "--- BOARD at 115200 baud · Ctrl-] quits · Ctrl-T menu", #"\x1B[2J\x1B]0;title\x07\x1B[31mred"#,
                "Füße €",
                #"\xC2\x9B1A"#,
            ] + menu + ["--- timestamps on"] + menu + ["--- timestamps off"] + menu + [
                "--- file: ab", "--- nothing is sent", "open:", "ended 0",
            ]
        let found = try await findings("screen")
        #expect(found.first == "settings are back: true")
        let json = try #require(found.last?.dropFirst("screen: ".count))
        #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == shown)
    }

    @Test("a crash is shown with the functions, files and lines that objdump and the source say")
    func crash() async throws {
        #expect(
            try await findings("crash") == [
                "objdump's line of the load is the source's: true", "the call's line is the source's: true",
                "crash: true",
                "crash: true", "crash: true", "processes that look up: 1", "a lookup that hangs holds up no line: true",
                "end: 130", "a missing tool is named with its package: true",
                #"what is no ELF is refused: [6, "Error: DIR/sketch.cpp: the file does not begin as an ELF file does\n"]"#,
            ])
    }

    @Test("a board that was flashed is shown from its start, and flashed again by a key")
    func virtual() async throws {
        #expect(
            try await findings("virtual") == [
                "opening did not restart it: 1", "Ctrl-T b: true", "quit: [0, true]",
                "written, and then shown from its start: true", "Ctrl-T f writes what the file has become: true",
                "a file that is gone ends nothing: true", "quit: [0, true]", "SIGTERM after a write: [130, true]",
                "without lines nobody is asked to press a button: true", "quit: [0, true]",
                "one board only: 64",
            ])
    }
}
