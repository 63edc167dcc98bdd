import Daemon
import Foundation

/// `iot board` as a process.
public struct RunningBoard: Sendable {
    /// Where a host reaches it.
    public enum Kind: String, Sendable, CaseIterable {
        case pseudoTerminal
        case rfc2217
        case tcp
    }

    /// The first board's port.
    public var port: String { ports[0] }
    public let ports: [String]
    /// Where debuggers reach the boards that were started with `--gdb`.
    public let debuggers: [String]
    public let process: ChildProcess
    private let flash: URL

    private struct Ready: Decodable {
        struct Board: Decodable {
            var port: String
            var gdb: String?
        }
        var boards: [Board]
    }

    /// Runs `body` beside boards whose flash is in files of `directory`, then stops them.
    public static func run<Value>(
        _ kind: Kind = .pseudoTerminal, in directory: URL, arguments: [String] = ["--timing", "fast"],
        isolation: isolated (any Actor)? = #isolation, _ body: (RunningBoard) async throws -> Value
    ) async throws -> Value {
        let flash = directory.appending(path: "flash.bin")
        let reach: [String] =
            switch kind {
            case .pseudoTerminal: ["--link", directory.appending(path: "board").path]
            case .rfc2217: ["--rfc2217", "0"]
            case .tcp: ["--tcp", "0"]
            }
        let process = try BuiltCommand.start(
            ["board", "--flash", flash.path, "--json", "--stop-with-parent"] + reach + arguments)
        do {
            let line = try await process.readyLine(within: .seconds(90))
            let ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8))
            let board = RunningBoard(
                ports: ready.boards.map(\.port), debuggers: ready.boards.compactMap(\.gdb), process: process,
                flash: flash)
            let value = try await body(board)
            await process.stop(within: .seconds(20))
            return value
        } catch {
            await process.stop(within: .seconds(20))
            throw error
        }
    }

    /// What the first board's flash holds.
    public func flash(_ start: Int, _ count: Int) throws -> [UInt8] {
        Array(try Data(contentsOf: flash)[start..<start + count])
    }

    /// What the flash of board `number`, counted from 1, holds.
    public func flash(ofBoard number: Int, _ start: Int, _ count: Int) throws -> [UInt8] {
        guard number > 1 else { return try flash(start, count) }
        let file = flash.deletingPathExtension().path + "-\(number).bin"
        return Array(try Data(contentsOf: URL(filePath: file))[start..<start + count])
    }
}
