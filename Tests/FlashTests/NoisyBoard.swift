import Foundation
import TestSupport

/// A virtual board whose flash is noise, so that whatever is erased or written shows, and `iot flash` at its port.
struct NoisyBoard: Sendable {
    /// What the flash holds in the beginning.
    static let before = noise(4 << 20, seed: 9)

    let board: RunningBoard
    /// Where files may be put.
    let directory: URL

    /// Runs `body` beside such a board.
    static func run(
        _ kind: RunningBoard.Kind = .pseudoTerminal, _ arguments: [String] = ["--timing", "fast"],
        _ body: (NoisyBoard) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try Data(before).write(to: directory.appending(path: "flash.bin"))
            try await RunningBoard.run(kind, in: directory, arguments: arguments) { board in
                try await body(NoisyBoard(board: board, directory: directory))
            }
        }
    }

    /// What the flash holds there now.
    func flash(_ range: Range<Int>) throws -> [UInt8] { try board.flash(range.lowerBound, range.count) }

    /// What it held in the beginning, with these files written over it and their last sectors blank behind them.
    static func expected(_ files: [(place: Int, bytes: [UInt8])]) -> [UInt8] {
        var bytes = before
        for file in files {
            let sectors = (file.bytes.count + 4095) / 4096 * 4096
            bytes.replaceSubrange(file.place..<file.place + sectors, with: repeatElement(0xFF, count: sectors))
            bytes.replaceSubrange(file.place..<file.place + file.bytes.count, with: file.bytes)
        }
        return bytes
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = directory.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path
    }

    func command(_ words: [String]) async throws -> FinishedCommand {
        try await FinishedCommand.run(["flash"] + words + ["--port", board.port], within: .seconds(200))
    }

    /// Starts a command, with `--json`, waits for a line with `event`, does `then`, and waits for the end.
    ///
    /// - Returns: The end, all lines on stdout, and those on stderr.
    func command(
        _ words: [String], at event: String, then: @Sendable (Int32) async throws -> Void
    ) async throws -> FinishedCommand {
        let process = try BuiltCommand.start(["flash"] + words + ["--json", "--port", board.port])
        async let errors = process.errorLines?.reduce(into: [String]()) { $0.append($1) } ?? []
        var output: [String] = []
        for await line in process.lines {
            output.append(line)
            if line.contains(event) { try await then(process.processIdentifier) }
        }
        let end = await process.waitForEnd() ?? "cancelled"
        return FinishedCommand(end: end, output: output, errors: await errors)
    }

    /// Bytes to the board, as the trace of a command has them.
    static func bytesSent(_ command: FinishedCommand) -> Int {
        command.errors.compactMap { $0.firstMatch(of: /<- (\d+) bytes/) }.reduce(0) { $0 + (Int($1.1) ?? 0) }
    }
}
