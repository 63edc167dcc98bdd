import Foundation
import TestSupport
import Testing

/// A virtual board that is killed in mid-write.
@Suite(.timeLimit(.minutes(5))) struct KilledBoardTests {
    @Test("its flash file has its size, and each block of it is as it was or as it was to be", arguments: [1, 2, 3])
    func killed(round: Int) async throws {
        try await withTemporaryDirectory { directory in
            let data = noise(400_000, seed: 1)
            let file = directory.appending(path: "data.bin")
            try Data(data).write(to: file)
            let place = round * 20_000
            let flash = directory.appending(path: "flash.bin")
            // In real time 35 s are to be cut off, so that a busy machine does not look when all is written.
            try await RunningBoard.run(in: directory, arguments: ["--timing", "real"]) { board in
                let writing = try BuiltCommand.start([
                    "flash", "write", "--no-stub", "--no-verify", "--json", "--port", board.port, "0x0", file.path,
                    "--force",
                ])
                for await line in writing.lines where line.contains(#""event":"began""#) { break }
                // Somewhere in the middle: the file says how far it is.
                try await eventually("the first blocks", within: .seconds(60)) { () -> Bool in
                    let now = try Data(contentsOf: flash)
                    return now[place] != 0xFF || now[place + 1] != 0xFF
                }
                kill(board.process.processIdentifier, SIGKILL)
                #expect(await board.process.waitForEnd() == "signal 9")
                let end = await writing.waitForEnd()
                #expect(end == "exit code 5")
            }
            let bytes = Array(try Data(contentsOf: flash))
            #expect(bytes.count == 4 << 20)
            let blocks = stride(from: 0, to: data.count, by: 0x400).map { $0..<min(data.count, $0 + 0x400) }
            let written = blocks.filter { bytes[$0] == data[$0] }
            let torn = blocks.filter { block in bytes[block] != data[block] && bytes[block].contains { $0 != 0xFF } }
            #expect(torn == [])
            #expect(!written.isEmpty)
        }
    }
}
