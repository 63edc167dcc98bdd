import Daemon
import Foundation
import TestSupport
import Testing

/// A board whose flash file takes no more, as on a full disk.
@Suite(.timeLimit(.minutes(3))) struct FullDiskTests {
    /// Starts a board that may write the first 2 MiB of each file and no more.
    private func limited(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            name: "iot board", executable: URL(filePath: "/bin/bash"),
            arguments: [
                "-c", "ulimit -f 2048 && exec \"$0\" \"$@\"", try BuiltCommand.executable().path, "board", "--timing",
                "fast", "--json", "--stop-with-parent",
            ] + arguments, readsErrors: true)
    }

    @Test("it says once what was not kept, why and what to do, and ends with an error")
    func full() async throws {
        try await withTemporaryDirectory { directory in
            let flash = directory.appending(path: "flash.bin")
            let link = directory.appending(path: "board").path
            try Data(repeating: 0xFF, count: 4 << 20).write(to: flash)
            let data = directory.appending(path: "data.bin")
            try Data(noise(9000, seed: 1)).write(to: data)
            let board = try limited(["--link", link, "--flash", flash.path])
            async let errors = board.errorLines?.reduce(into: [String]()) { $0.append($1) } ?? []
            _ = try await board.readyLine(within: .seconds(90))
            for place in ["0x10000", "0x300000", "0x310000"] {
                let written = try await FinishedCommand.run(["flash", "write", "--port", link, place, data.path])
                #expect(written.end == "exit code 0", "\(written.errors)")
            }
            await board.stop(within: .seconds(20))
            #expect(await board.waitForEnd() == "exit code 1")
            let reason =
                "\(flash.path) did not take sector 768: File too large; make room, then write to the flash again"
            let said = await errors
            #expect(said.last == "Error: the flash is not what was written to it: \(reason)")
            #expect(said.filter { $0.contains("board.flash-lost") && $0.contains(reason) }.count == 1, "\(said)")
            let kept = try Data(contentsOf: flash)
            #expect(Array(kept[0x10000..<0x10000 + 9000]) == noise(9000, seed: 1))
            #expect(kept[0x300000...].allSatisfy { $0 == 0xFF })
        }
    }

    @Test("a file that cannot be made whole is not left behind")
    func making() async throws {
        try await withTemporaryDirectory { directory in
            let flash = directory.appending(path: "flash.bin")
            let command = await FinishedCommand.run(try limited(["--flash", flash.path]), within: .seconds(60))
            #expect(command.end == "exit code 1")
            #expect(command.errors.last?.hasPrefix("Error: cannot use \(flash.path) as the flash: ") == true)
            #expect(!FileManager.default.fileExists(atPath: flash.path))
        }
    }
}
