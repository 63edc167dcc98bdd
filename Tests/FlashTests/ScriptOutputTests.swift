import Foundation
import TestSupport
import Testing

/// What scripts get on stdout, and one output file for one board.
@Suite(.timeLimit(.minutes(5))) struct ScriptOutputTests {
    @Test("with --json a value is an event with its port; without, of several boards, a line with its port")
    func values() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory, arguments: ["--timing", "fast", "--count", "2"]) { board in
                let ports = board.ports.flatMap { ["--port", $0] }
                for (arguments, what, values) in [
                    (["reg", "read", "0x3ff00050"], "0x3ff00050", ["0x56000000", "0x57000000"]),
                    (["status", "read"], "status", ["0x0000", "0x0000"]),
                ] {
                    let script = try await FinishedCommand.run(["flash"] + arguments + ["--json"] + ports)
                    #expect(script.end == "exit code 0", "\(script.errors)")
                    #expect(script.output.allSatisfy { $0.hasPrefix("{") })
                    #expect(
                        Set(script.output.filter { $0.contains(#""event":"value""#) })
                            == Set(
                                zip(board.ports, values).map {
                                    #"{"event":"value","port":"\#($0)","value":"\#($1)","what":"\#(what)"}"#
                                }))
                    let person = try await FinishedCommand.run(["flash"] + arguments + ports)
                    #expect(Set(person.output) == Set(zip(board.ports, values).map { "\($0): \($1)" }))
                }
            }
        }
    }

    @Test(
        "data and events do not share stdout, and boards do not share a file",
        arguments: [["read", "0x0", "0x100"], ["reg", "dump", "0x3ff00050", "16"]])
    func oneOutput(command: [String]) async throws {
        let mixed = try await FinishedCommand.run(
            ["flash"] + command + ["-", "--json", "--port", "/dev/nothing"])
        #expect(mixed.end == "exit code 64")
        let words = "stdout cannot carry the data and the events of --json; name a file"
        #expect(mixed.output == [#"{"event":"failed","exitCode":64,"message":"\#(words)"}"#])
        #expect(mixed.errors == ["Error: \(words)"])
        let several = try await FinishedCommand.run(
            ["flash"] + command + ["/tmp/dump", "--port", "/dev/nothing", "--port", "/dev/nought"])
        #expect(several.end == "exit code 64")
        #expect(several.errors == ["Error: one board can be read into a file at a time; name it with --port"])
    }

    @Test("a board that fails is named with its MAC once it was learnt")
    func failedBoard() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory, arguments: ["--timing", "fast", "--count", "2"]) { board in
                let file = directory.appending(path: "large.bin")
                try Data(noise(0x2000, seed: 1)).write(to: file)
                let command = try await FinishedCommand.run(
                    ["flash", "verify", "0x0", file.path, "--port", "/dev/nothing"]
                        + board.ports.flatMap { ["--port", $0] })
                let differs =
                    "the flash differs from 0x0 on (8192 bytes were compared); write again, with a lower --baud if it happens twice"
                #expect(
                    Array(command.errors.suffix(3)) == [
                        "Error: /dev/nothing: there is no such port; iot ports lists those that there are",
                        "Error: \(board.ports[0]) (18:fe:34:12:34:56): \(differs)",
                        "Error: \(board.ports[1]) (18:fe:34:12:34:57): \(differs)",
                    ])
            }
        }
    }

    @Test("run cannot stay in the loader")
    func run() async throws {
        let command = try await FinishedCommand.run([
            "flash", "run", "--after", "no-reset", "--port", "/dev/nothing",
        ])
        #expect(command.end == "exit code 64")
        #expect(
            command.errors.first == "Error: run leaves the loader; --after no-reset would keep the board in it")
    }
}
