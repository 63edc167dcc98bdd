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
    /// Set where a monitor follows: it restarts the board itself, so that nothing is missed, where the port can.
    var leavesResetToMonitor = false
    /// Whether it is said which board was met; false where that is what is asked for.
    var tellsMeeting = true
    /// Whether it is said how the board was left.
    var tellsLeaving = false

    /// - Parameter ports: Nil: those that the options and the defaults name.
    init(_ options: ConnectionOptions, ports chosen: [SerialAddress]? = nil) throws {
        let defaults = try options.exiting { () throws(FlashError) in try FlashDefaults(file: options.config) }
        self.defaults = defaults
        let named = try options.exiting { () throws(FlashError) in
            if let chosen { return chosen }
            return try options.ports(defaults)
        }
        // One board under two names is one board.
        var seen: Set<String> = []
        ports = named.filter { seen.insert($0.device).inserted }
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
    ///
    /// - Parameter tellsScript: Whether it is an event on stdout, too.
    static func exiting<Value>(
        tellsScript: Bool = false, _ body: () throws(FlashError) -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch {
            if tellsScript { JSONReporter().take(.failed(error), of: nil) }
            try? FileHandle.standardError.write(contentsOf: Data("Error: \(error)\n".utf8))
            throw ExitStatus(error).code
        }
    }

    /// What has become of one board.
    struct Outcome: Sendable {
        /// The board's MAC address, once it was learnt.
        var mac: String?
        var failure: FlashError?
    }

    /// - Throws: The exit code of the first board that failed.
    func run(_ work: @escaping Work) async throws {
        // Who reads what is said may go away; that must not end a change of the flash in the middle.
        signal(SIGPIPE, SIG_IGN)
        let cancellation = Cancellation()
        let outcomes = await withTaskGroup(of: (Int, Outcome)?.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) { cancellation.ask() }
                return nil
            }
            for (index, address) in ports.enumerated() {
                group.addTask { (index, await one(address, cancellation, work)) }
            }
            var outcomes: [Int: Outcome] = [:]
            while outcomes.count < ports.count, let next = await group.next() {
                if let (index, outcome) = next { outcomes[index] = outcome }
            }
            group.cancelAll()
            return ports.indices.compactMap { outcomes[$0] }
        }
        try summarize(outcomes)
        try Self.exiting { () throws(FlashError) in try reporter.finish() }
    }

    private func one(
        _ address: SerialAddress, _ cancellation: Cancellation, _ work: @escaping Work
    ) async -> Outcome {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let outcome = meet(address, cancellation, work)
                if let failure = outcome.failure { reporter.take(.failed(failure), of: address.name) }
                continuation.resume(returning: outcome)
            }
        }
    }

    /// Does the work with one board, and starts it again; a failure says how the board's flash is.
    func meet(_ address: SerialAddress, _ cancellation: Cancellation, _ work: Work) -> Outcome {
        let report = BoardReport(port: address.name, reporter: reporter, isOneOfSeveral: ports.count > 1)
        report(.connecting)
        let board: Board
        do throws(FlashError) {
            board = try Board.meet(address, meeting, cancellation: cancellation) { report(.note($0)) }
        } catch {
            return Outcome(failure: error)
        }
        defer { board.close() }
        board.loader.onTrouble = { report(.note($0)) }
        if tellsMeeting { report(.met(chip: board.chip, crystal: board.crystal, flash: board.flash)) }
        let mac = board.chip.macText
        do throws(FlashError) {
            try work(board, report)
        } catch {
            return Outcome(mac: mac, failure: board.loader.state.ending(error, port: address.name))
        }
        do throws(FlashError) {
            if !leavesResetToMonitor || !board.loader.link.port.hasModemLines {
                try board.leave(after)
                if tellsLeaving { report(.note(after.told)) }
            }
        } catch {
            return Outcome(mac: mac, failure: board.loader.state.leaving(error, port: address.name))
        }
        report(.done)
        return Outcome(mac: mac)
    }

    private func summarize(_ outcomes: [Outcome]) throws {
        var status: ExitStatus?
        for (address, outcome) in zip(ports, outcomes) {
            let name = address.name
            let mac = outcome.mac.map { " (\($0))" } ?? ""
            switch outcome.failure {
            case nil where ports.count > 1: say("\(name): done\(mac)")
            case nil: break
            case let failure? where ports.count > 1:
                status = status ?? ExitStatus(failure)
                say("Error: \(name)\(mac): \(failure.reason(without: name))")
            case let failure?:
                status = ExitStatus(failure)
                say("Error: \(failure)")
            }
        }
        if let status { throw status.code }
    }

    private func say(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
    }
}
