import Foundation
import TestSupport
import Testing

/// Our tool and unmodified esptool at the same board: each reads what the other wrote.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct EsptoolAgreementTests {
    private struct Ended: Decodable {
        var code: Int
        var output: [String]
    }

    private func esptool(_ arguments: [String]) async throws -> Ended {
        let lines = try await PythonPeer.run("esptool_run.py", arguments, within: .seconds(180))
        return try JSONDecoder().decode(Ended.self, from: Data((lines.last ?? "").utf8))
    }

    private func iot(_ arguments: [String]) async throws -> FinishedCommand {
        try await FinishedCommand.run(["flash"] + arguments)
    }

    @Test("what we write esptool verifies and reads, with its stub and without; what it writes we verify and read")
    func overPseudoTerminal() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory) { board in
                let ours = directory.appending(path: "ours.bin")
                let theirs = directory.appending(path: "theirs.bin")
                try Data(noise(9000, seed: 1)).write(to: ours)
                try Data(noise(7000, seed: 2)).write(to: theirs)
                let port = ["--port", board.port]
                #expect(try await iot(["write", "0x3000", ours.path] + port).end == "exit code 0")
                #expect(try await esptool(port + ["verify-flash", "0x3000", ours.path]).code == 0)
                let back = directory.appending(path: "back.bin")
                #expect(try await esptool(port + ["read-flash", "0x3000", "9000", back.path]).code == 0)
                #expect(try Data(contentsOf: back) == Data(contentsOf: ours))
                #expect(try await esptool(port + ["write-flash", "0x10000", theirs.path]).code == 0)
                #expect(try await iot(["verify", "0x10000", theirs.path] + port).end == "exit code 0")
                #expect(try await esptool(port + ["--no-stub", "write-flash", "0x20000", theirs.path]).code == 0)
                #expect(try await iot(["read", "0x20000", "7000", back.path] + port).end == "exit code 0")
                #expect(try Data(contentsOf: back) == Data(contentsOf: theirs))
                #expect(try await esptool(port + ["erase-region", "0x10000", "0x2000"]).code == 0)
                let erased = try await iot(["verify", "0x10000", theirs.path] + port)
                #expect(erased.end == "exit code 4")
                // A stub that the other tool leaves behind erases by other rules than the ROM.
                #expect(
                    try await esptool(port + ["--after", "no-reset", "write-flash", "0x40000", ours.path]).code == 0)
                let over = try await iot(["write", "0x40000", theirs.path] + port)
                #expect(over.end == "exit code 0", "\(over.errors)")
                #expect(try board.flash(0x40000, 7000) == noise(7000, seed: 2))
            }
        }
    }

    @Test("over RFC 2217 both restart the board by DTR and RTS, and see the same chip")
    func overRFC2217() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(.rfc2217, in: directory) { board in
                let file = directory.appending(path: "data.bin")
                try Data(noise(5000, seed: 3)).write(to: file)
                let written = try await esptool(["--port", board.port, "--no-stub", "write-flash", "0x1000", file.path])
                #expect(written.code == 0, "\(written.output)")
                #expect(written.output.contains { $0.hasPrefix("MAC:") && $0.hasSuffix("18:fe:34:12:34:56") })
                #expect(
                    try await iot(["verify", "0x1000", file.path, "--port", board.port]).end == "exit code 0")
            }
        }
    }

    @Test(
        "a line that loses and flips bytes does not keep the flash from being right",
        arguments: ["flip:0.0002", "drop:0.0002"])
    func faults(fault: String) async throws {
        try await withTemporaryDirectory { directory in
            let arguments = ["--timing", "fast", "--fault", fault, "--fault-seed", "5"]
            try await RunningBoard.run(in: directory, arguments: arguments) { board in
                let data = noise(20_000, seed: 4)
                _ = try await iot(["erase", "--port", board.port])
                let file = directory.appending(path: "data.bin")
                try Data(data).write(to: file)
                let written = try await iot(["write", "0x1000", file.path, "--port", board.port])
                #expect(written.end == "exit code 0", "\(written.errors)")
                #expect(try board.flash(0x1000, data.count) == data)
            }
        }
    }
}
