import Daemon
import Foundation
import Logging
import Settings

/// One worker: runs the units of its shard as its parent asks it to, and ends when the parent does.
struct WorkerSession {
    private static let measuredPiece = 2000

    let logger: Logger

    /// - Throws: ``FleetError``; the parent has been told.
    func run() async throws {
        let output = WorkerOutput()
        defer { output.finish() }
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            while let line = readLine() { continuation.yield(line) }
            continuation.finish()
        }
        var iterator = lines.makeAsyncIterator()
        guard let first = await iterator.next() else { return }
        let order = try JSONDecoder().decode(WorkerOrder.self, from: Data(first.utf8))
        do {
            let file = try FleetFile(path: order.file, sum: order.sum)
            try await serve(file, order, output, &iterator)
        } catch {
            try output.answer(WorkerAnswer(id: 0, error: "\(error)"))
        }
    }

    private func serve(
        _ fleet: FleetFile, _ order: WorkerOrder, _ output: WorkerOutput,
        _ requests: inout AsyncStream<String>.Iterator
    ) async throws {
        let shard = Shard(index: order.shardIndex, count: order.shardCount)
        let count = shard.unitCount(of: fleet.layout.count)
        _ = DescriptorLimit.raise(for: fleet.descriptorsPerUnit * count)
        let writer = order.consoleDirectory.map { ReportWriter(destination: .directory($0), logger: logger) }
        let writing = Task { try await writer?.run() }
        let layout = fleet.layout
        let engine = FleetEngine(
            fleet: fleet, shard: shard, interest: UnitInterest(rawValue: order.interest),
            listener: .init(
                report: { number, event in
                    if let writer { writer.write(UnitReport(unit: layout.name(of: number), event: event)) }
                    if case .console = event, writer != nil { return }
                    output.report(.report(number: number, event))
                },
                problem: { output.report(.problem(number: $0, "\($1)")) }))
        let ports = try await engine.open()
        try output.answer(WorkerAnswer(id: 0, count: ports.count))
        var last: WorkerRequest?
        while last == nil, let line = await requests.next() {
            let request = try JSONDecoder().decode(WorkerRequest.self, from: Data(line.utf8))
            if request.ask == .stop { last = request } else { try await answer(request, engine, layout, output) }
        }
        await engine.stop()
        writer?.finish()
        _ = await writing.result
        if let last { try output.answer(WorkerAnswer(id: last.id)) }
        if output.dropped > 0 { logger.warning("reports.dropped", metadata: ["count": "\(output.dropped)"]) }
    }

    private func answer(
        _ request: WorkerRequest, _ engine: FleetEngine, _ layout: FleetLayout, _ output: WorkerOutput
    ) async throws {
        var answer = WorkerAnswer(id: request.id)
        switch request.ask {
        case .start:
            do {
                try await engine.start()
                StartupPages.release()
            } catch {
                answer.error = "\(error)"
            }
        case .inject:
            do {
                answer.count = await engine.inject(try FaultEvent(json: request.event ?? "", layout: layout))
            } catch {
                answer.error = "\(error)"
            }
        case .snapshot: answer.snapshot = await engine.snapshot()
        case .halt:
            let measured = await engine.halt().map { [$0.key, $0.value.own, $0.value.other] }
            for start in stride(from: 0, to: measured.count, by: Self.measuredPiece) {
                let piece = Array(measured[start..<min(start + Self.measuredPiece, measured.count)])
                try output.answer(WorkerAnswer(id: request.id, measured: piece, isPart: true))
            }
        case .stop: break
        }
        try output.answer(answer)
    }
}
