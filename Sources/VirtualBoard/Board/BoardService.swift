import Foundation
import Logging
import NIOCore
import NIOPosix
import SerialPort
import ServiceLifecycle

/// Runs boards until the graceful shutdown.
struct BoardService: Service {
    struct Ready: Sendable, Equatable, Encodable {
        var model: String
        /// A path, `rfc2217://host:port` or `socket://host:port`.
        var port: String
        var mac: String
        /// Where a debugger reaches it, as `host:port`; nil where none can.
        var gdb: String?
    }

    let plans: [BoardPlan]
    let logger: Logger
    /// Told once, when all boards listen.
    let onReady: @Sendable ([Ready]) -> Void

    private struct Running {
        var board: NIOLoopBound<Board>
        var loop: any EventLoop
        var channel: any Channel
        /// What listens for the debugger.
        var debugger: (any Channel)?
        /// The symbolic link to its terminal.
        var link: BoardLink?
    }

    func run() async throws {
        var running: [Running] = []
        var ready: [Ready] = []
        do {
            for plan in plans {
                var (board, report) = try await start(plan)
                if let (host, port) = plan.debugger {
                    do {
                        board.debugger = try await listen(for: board, host: host, port: port)
                    } catch {
                        running.append(board)
                        throw error
                    }
                    report.gdb = name(host: host, port: board.debugger?.localAddress?.port ?? port)
                    logger.notice("board.debugger-listens", metadata: ["address": "\(report.gdb ?? "")"])
                }
                running.append(board)
                ready.append(report)
            }
            onReady(ready)
            try? await gracefulShutdown()
        } catch {
            _ = await stop(running)
            throw error
        }
        let lost = await stop(running)
        if let first = lost.first { throw first }
    }

    /// - Returns: Why files do not hold what was written to them.
    private func stop(_ boards: [Running]) async -> [BoardError] {
        var lost: [BoardError] = []
        for board in boards {
            lost += (try? await board.loop.submit({ board.board.value.finish() }).get()) ?? []
            if let totals = try? await board.loop.submit({ board.board.value.totals }).get() {
                logger.info(
                    "board.totals",
                    metadata: [
                        "heard": "\(totals.heard)", "said": "\(totals.said)",
                        "busy-us": "\(totals.busy / Duration.microseconds(1))",
                    ])
            }
            try? await board.debugger?.close()
            try? await board.channel.close()
        }
        return lost
    }

    private func listen(for board: Running, host: String, port: Int) async throws -> any Channel {
        do {
            return try await board.loop.flatSubmit { [logger] in
                DebuggerListener.listen(for: board.board, host: host, port: port, loop: board.loop, logger: logger)
            }.get()
        } catch {
            throw BoardError.cannotListen(host: host, port: port, reason: error.systemReason)
        }
    }

    private func name(host: String, port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private func start(_ plan: BoardPlan) async throws -> (Running, Ready) {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let mac = plan.eFuses.mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
        func ready(_ port: String) -> Ready { Ready(model: plan.model.name, port: port, mac: mac) }
        switch plan.port {
        case .pseudoTerminal(let name):
            let terminal = try PseudoTerminal()
            // The name first: before anything is done to files that the board of that name may have as well.
            let link = try name.map { try BoardLink($0, to: terminal.path) }
            let board = try await loop.submit { try makeBoard(plan, loop) }.get()
            let channel = try await loop.flatSubmit {
                PseudoTerminalPort.join(board.value, to: terminal, loop: loop)
            }.get()
            try await loop.submit { board.value.powerOn() }.get()
            return (
                Running(board: board, loop: loop, channel: channel, link: link), ready(link?.path ?? terminal.path)
            )
        case .network(let kind, let host, let port, let baud):
            let board = try await loop.submit { try makeBoard(plan, loop) }.get()
            let channel: any Channel
            do {
                channel = try await loop.flatSubmit {
                    NetworkListener.listen(for: board, kind: kind, host: host, port: port, baud: baud, loop: loop)
                }.get()
            } catch {
                throw BoardError.cannotListen(host: host, port: port, reason: error.systemReason)
            }
            try await loop.submit { board.value.powerOn() }.get()
            let found = channel.localAddress?.port ?? port
            return (
                Running(board: board, loop: loop, channel: channel),
                ready(
                    (kind == .tcp ? SerialAddress.tcp(host: host, port: found) : .rfc2217(host: host, port: found)).name
                )
            )
        }
    }

    private func makeBoard(_ plan: BoardPlan, _ loop: any EventLoop) throws -> NIOLoopBound<Board> {
        let trace = try plan.trace.map { try PinTrace(file: RecordFile(path: $0), pins: plan.pins) }
        let chip = try plan.chip(watcher: trace)
        let calls = try plan.calls.map { try RecordFile(path: $0.file) }
        if let calls, let symbols = plan.calls?.symbols {
            chip.trace(into: CallTrace(symbols: symbols) { calls.write($0) })
        }
        let board = Board(
            chip: chip,
            line: FaultyLine(plan.faults, seed: plan.seed &+ UInt64(plan.index)), loop: loop, trace: trace,
            secondPort: try plan.secondPort.map { try RecordFile(path: $0) }, calls: calls
        ) {
            [logger] event in
            switch event {
            case .started(let hasImage):
                var metadata: Logger.Metadata = ["image": "\(hasImage ? "found" : "none")"]
                if case .standIn = plan.execution { metadata["note"] = "nothing executes it" }
                logger.notice("board.started", metadata: metadata)
            case .halted(let reason):
                logger.error("board.halted", metadata: ["reason": "\(reason)"])
            case .lost(let reason):
                logger.error("board.flash-lost", metadata: ["reason": "\(reason)"])
            case .recordLost(let path, let reason):
                logger.error("board.record-lost", metadata: ["file": "\(path)", "reason": "\(reason)"])
            }
        }
        return NIOLoopBound(board, eventLoop: loop)
    }
}
