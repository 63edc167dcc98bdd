import Foundation
import TestSupport
import Testing

/// What ends a command before a board is met: scripts are told, the same mistake has the same code everywhere, and the words
/// are those of the command.
@Suite(.timeLimit(.minutes(5))) struct EarlyFailureTests {
    struct Failure: Sendable {
        var command: [String]
        var code: Int
        var message: String?
    }

    private static let failures = [
        Failure(command: ["write", "0x0", "/none.bin"], code: 6, message: "/none.bin: there is no such file"),
        Failure(command: ["verify", "0x0", "/none.bin"], code: 6, message: "/none.bin: there is no such file"),
        Failure(
            command: ["write", "zz", "/none.bin"], code: 6,
            message: "zz: there is no such file, and it is no address such as 0x1000"),
        Failure(
            command: ["write", "0x2000000", "f"], code: 64,
            message: "0x2000000 is no place in a flash: it must be below 16 MB"),
        Failure(command: ["load-ram", "/none.elf"], code: 6, message: "/none.elf: there is no such file"),
        Failure(
            command: ["id", "--config", "/none.toml"], code: 6, message: "/none.toml: No such file or directory"),
        Failure(command: ["id", "--port", "nothing"], code: 2),
        Failure(command: ["id", "--port", "/dev/nothing"], code: 2),
    ]

    @Test(
        "with --json every failure is an event with its exit code",
        arguments: failures)
    func told(failure: Failure) async throws {
        let (command, code) = (failure.command, failure.code)
        let port = command.contains("--port") ? [] : ["--port", "/dev/nothing"]
        let finished = try await FinishedCommand.run(["flash"] + command + port + ["--json"])
        #expect(finished.end == "exit code \(code)")
        let last = try #require(finished.output.last)
        #expect(last.hasPrefix(#"{"event":"failed","exitCode":\#(code),"message":""#), "\(last)")
        if let message = failure.message {
            #expect(finished.output == [#"{"event":"failed","exitCode":\#(code),"message":"\#(message)"}"#])
            #expect(finished.errors == ["Error: \(message)"])
        }
    }

    @Test("what is behind the flash's end is one mistake, whichever command makes it")
    func behindTheEnd() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "data.bin").path
            try Data(noise(16, seed: 1)).write(to: URL(filePath: file))
            try await RunningBoard.run(in: directory) { board in
                for (arguments, what) in [
                    (["read", "0x3ffff0", "0x20", file + ".out"], "what is to be read"),
                    (["write", "0x400000", file], file), (["verify", "0x400000", file], file),
                    (["erase-region", "0x3ff000", "8k"], "the region"),
                ] {
                    let finished = try await FinishedCommand.run(["flash"] + arguments + ["--port", board.port])
                    #expect(finished.end == "exit code 6", "\(arguments)")
                    let end = what == file ? "0x400010" : what == "the region" ? "0x401000" : "0x400010"
                    #expect(
                        finished.errors.last
                            == "Error: \(what) ends at \(end), but the flash ends at 0x400000 (4 MB)")
                }
            }
        }
    }

    @Test(
        "an argument that is none is answered with the usage of its own command",
        arguments: [
            (["erase-region", "0x1000", "0"], "erase-region"), (["erase-region", "0x1000", "100"], "erase-region"),
            (["status", "write", "0x10000"], "status write"), (["reg", "dump", "0xfffffffc", "8", "f"], "reg dump"),
            (["id", "--all", "--port", "x"], "id"), (["id", "--port", ""], "id"),
            (["write", "--elf", "app.elf", "0x0", "f"], "write"),
            (["write", "--monitor-baud", "9600", "0x0", "f"], "write"),
            (["write", "--no-explain", "0x0", "f"], "write"),
        ])
    func usage(arguments: [String], command: String) async throws {
        let finished = try await FinishedCommand.run(["flash"] + arguments)
        #expect(finished.end == "exit code 64")
        #expect(
            finished.errors.contains { $0.hasPrefix("Usage: iot flash \(command) ") }, "\(finished.errors)")
    }

    @Test("sizes have names, all reaches to the end, and it is said how the board was left")
    func sizes() async throws {
        try await withTemporaryDirectory { directory in
            try Data(noise(4 << 20, seed: 1)).write(to: directory.appending(path: "flash.bin"))
            try await RunningBoard.run(in: directory) { board in
                let erased = try await FinishedCommand.run([
                    "flash", "erase-region", "0x3fe000", "all", "--port", board.port,
                ])
                #expect(erased.end == "exit code 0", "\(erased.errors)")
                #expect(try board.flash(0x3FE000, 0x2000) == [UInt8](repeating: 0xFF, count: 0x2000))
                #expect(try board.flash(0x3FD000, 16) == Array(noise(4 << 20, seed: 1)[0x3FD000..<0x3FD010]))
                let back = directory.appending(path: "back.bin")
                let read = try await FinishedCommand.run([
                    "flash", "read", "0x3fd000", "1KB", back.path, "--port", board.port,
                ])
                #expect(read.end == "exit code 0", "\(read.errors)")
                #expect(try Data(contentsOf: back).count == 1024)
                let run = try await FinishedCommand.run(["flash", "run", "--port", board.port])
                #expect(run.errors.last == "the board was started")
                let stays = try await FinishedCommand.run([
                    "flash", "write", "0x0", back.path, "--no-verify", "--after", "no-reset", "--port", board.port,
                ])
                #expect(stays.errors.last == "the board stays in its loader")
            }
        }
    }

    @Test("several ports of iot.toml are not one board for a monitor")
    func severalPorts() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "two.toml")
            try Data("[flash]\nport = [\"/dev/nothing\", \"/dev/nought\"]\n".utf8).write(to: file)
            let finished = try await FinishedCommand.run([
                "flash", "write", "--monitor", "--config", file.path, "0x0", file.path,
            ])
            #expect(finished.end == "exit code 64")
            #expect(
                finished.errors == [
                    "Error: --monitor shows one board, but there are 2 ports; name one with --port"
                ])
        }
    }
}
