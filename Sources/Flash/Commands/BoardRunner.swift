import ArgumentParser
import ESPLoader
import Foundation
import SerialPort
import UnixSignals

/// Does one thing with one board or several at once, each on a thread of its own.
struct BoardRunner: Sendable {
    /// What is done with a board that is in its loader.
    typealias Work = @Sendable (Board, BoardReport) throws(FlashError) -> Void

    let ports: [SerialAddress]
    let meeting: Board.Meeting
    let after: Board.After
    let reporter: any Reporter
    let defaults: FlashDefaults

    init(_ options: ConnectionOptions) throws {
        let defaults = try BoardRunner.exiting { () throws(FlashError) in try FlashDefaults(file: options.config) }
        self.defaults = defaults
        ports = try BoardRunner.exiting { () throws(FlashError) in try options.ports(defaults) }
        meeting = options.meeting(defaults)
        after = options.after ?? defaults.after ?? .hardReset
        let names = ports.map(\.name)
        if options.json {
            reporter = JSONReporter()
        } else if isatty(STDERR_FILENO) == 1, !options.trace {
            reporter = TerminalReporter(ports: names)
        } else {
            reporter = PlainReporter(namesPorts: names.count > 1)
        }
    }

    /// Ends the command as an error asks for it.
    static func exiting<Value>(
        _ body: () throws(FlashError) -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch {
            try? FileHandle.standardError.write(contentsOf: Data("Error: \(error)\n".utf8))
            throw ExitStatus(error).code
        }
    }

    /// - Throws: The exit code of the first board that failed.
    func run(_ work: @escaping Work) async throws {
        let cancellation = Cancellation()
        let results = await withTaskGroup(of: (Int, Result<String, FlashError>)?.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { cancellation.ask() }
                return nil
            }
            for (index, address) in ports.enumerated() {
                group.addTask { (index, await one(address, cancellation, work)) }
            }
            var results: [Int: Result<String, FlashError>] = [:]
            while results.count < ports.count, let next = await group.next() {
                if let (index, result) = next { results[index] = result }
            }
            group.cancelAll()
            return ports.indices.compactMap { results[$0] }
        }
        try summarize(results)
    }

    /// - Returns: The board's MAC address.
    private func one(
        _ address: SerialAddress, _ cancellation: Cancellation, _ work: @escaping Work
    ) async -> Result<String, FlashError> {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let report = BoardReport(port: address.name, reporter: reporter)
                do throws(FlashError) {
                    continuation.resume(returning: .success(try meet(address, cancellation, report, work)))
                } catch {
                    report(.failed(error))
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    private func meet(
        _ address: SerialAddress, _ cancellation: Cancellation, _ report: BoardReport, _ work: Work
    ) throws(FlashError) -> String {
        report(.connecting)
        let board = try Board.meet(address, meeting, cancellation: cancellation)
        defer { board.close() }
        report(.met(chip: board.chip, crystal: board.crystal, flash: board.flash))
        try work(board, report)
        try board.leave(after)
        return board.chip.macText
    }

    private func summarize(_ results: [Result<String, FlashError>]) throws {
        var status: ExitStatus?
        for (address, result) in zip(ports, results) {
            switch result {
            case .success(let mac):
                if ports.count > 1 { say("\(address.name): done (\(mac))") }
            case .failure(let error):
                status = status ?? ExitStatus(error)
                say("Error: \(error)")
            }
        }
        if let status { throw status.code }
    }

    private func say(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
    }
}
