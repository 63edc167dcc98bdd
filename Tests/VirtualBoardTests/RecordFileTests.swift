import Foundation
import TestSupport
import Testing

/// The files that `iot board` writes to as it goes: none of them is somebody's who did not name it for that.
@Suite(.timeLimit(.minutes(3))) struct RecordFileTests {
    private func board(_ arguments: [String]) -> [String] {
        ["board", "--timing", "fast", "--json", "--stop-with-parent"] + arguments
    }

    @Test("a record is not written over what a running board has, be it by another name")
    func taken() async throws {
        try await withTemporaryDirectory { directory in
            let (flash, link) = (directory.appending(path: "flash.bin"), directory.appending(path: "same.bin"))
            let first = try BuiltCommand.start(board(["--flash", flash.path]))
            _ = try await first.readyLine(within: .seconds(90))
            try FileManager.default.linkItem(at: flash, to: link)
            let before = try Data(contentsOf: flash)
            for option in ["--vcd", "--uart1", "--trace"] {
                let second = try await FinishedCommand.run(board([option, link.path]), within: .seconds(60))
                #expect(second.end == "exit code 1")
                #expect(second.errors.last?.contains("\(link.path)") == true, "\(second.errors)")
                #expect(second.errors.last?.contains("another board has it") == true, "\(second.errors)")
            }
            #expect(try Data(contentsOf: flash) == before)
            await first.stop(within: .seconds(20))
        }
    }

    @Test("two names of one file are one file: a second board's, a link's, and the symbols' as well")
    func twice() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "a.bin")
            try Data("mine".utf8).write(to: file)
            let (link, other) = (directory.appending(path: "b.bin"), directory.appending(path: "a-2.bin").path)
            try FileManager.default.linkItem(at: file, to: link)
            for arguments in [
                ["--count", "2", "--flash", file.path, "--vcd", other], ["--flash", file.path, "--vcd", link.path],
                ["--trace", file.path, "--symbols", file.path],
            ] {
                let refused = try await FinishedCommand.run(board(arguments), within: .seconds(60))
                #expect(refused.end == "exit code 64")
                #expect(refused.errors.first?.contains("is named twice") == true, "\(refused.errors)")
            }
            #expect(try Data(contentsOf: file) == Data("mine".utf8))
            #expect(!FileManager.default.fileExists(atPath: other))
        }
    }

    @Test("a pipe that nobody reads is refused, and stops no board")
    func pipe() async throws {
        try await withTemporaryDirectory { directory in
            let pipe = directory.appending(path: "pipe").path
            #expect(mkfifo(pipe, 0o600) == 0)
            let refused = try await FinishedCommand.run(board(["--vcd", pipe]), within: .seconds(60))
            #expect(refused.end == "exit code 1")
            #expect(refused.errors.last?.contains("it is a pipe that nobody reads") == true, "\(refused.errors)")
        }
    }

    @Test("a link that is somebody's own is not replaced")
    func ownLink() async throws {
        try await withTemporaryDirectory { directory in
            let link = directory.appending(path: "board").path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "precious")
            let refused = try await FinishedCommand.run(board(["--link", link]), within: .seconds(60))
            #expect(refused.end == "exit code 1")
            #expect(
                refused.errors.last
                    == "Error: cannot make the link \(link): there is something of that name already; name another with --link"
            )
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "precious")
        }
    }
}
