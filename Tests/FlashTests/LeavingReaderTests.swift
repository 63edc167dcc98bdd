import Foundation
import TestSupport
import Testing

/// Whoever reads what a command says may go away; the flash is written all the same.
@Suite(.timeLimit(.minutes(5))) struct LeavingReaderTests {
    @Test("a reader that leaves after the first line does not end a write in the middle", arguments: [true, false])
    func write(isScript: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let data = noise(20_000, seed: 1)
            let file = directory.appending(path: "data.bin")
            try Data(data).write(to: file)
            try await RunningBoard.run(in: directory) { board in
                let (output, errors) = (Pipe(), Pipe())
                let process = Process()
                process.executableURL = try BuiltCommand.executable()
                process.arguments =
                    ["flash", "write", "0x1000", file.path, "--port", board.port] + (isScript ? ["--json"] : [])
                (process.standardOutput, process.standardError) = (output, errors)
                try process.run()
                let (watched, other) = isScript ? (output, errors) : (errors, output)
                try await onThread {
                    _ = try watched.fileHandleForReading.read(upToCount: 1)
                    try watched.fileHandleForReading.close()
                    _ = try other.fileHandleForReading.readToEnd()
                    process.waitUntilExit()
                }
                #expect(process.terminationReason == .exit)
                #expect(process.terminationStatus == (isScript ? 1 : 0))
                #expect(try board.flash(0x1000, data.count) == data)
            }
        }
    }
}
