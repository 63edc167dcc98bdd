import Daemon
import Foundation
import Logging
import UnitProtocol

/// Runs a fleet as a process: units, and the writer of what they report.
struct FleetRunner {
    var fleet: FleetFile
    /// The file that it was read from; a fleet without one stays in this process.
    var path: String?
    var shard = Shard.whole
    /// How many processes run the units; nil: as many as the limit of descriptors makes necessary.
    var workers: Int?
    var console: ConsoleDestination
    var options: DaemonOptions
    var json = false

    func run() async throws {
        let logger = options.logger("sim")
        let writer = ReportWriter(destination: console, printsColorsAsJSON: json, logger: logger)
        let host = try host(.init(report: reporter(to: writer), problem: warner(logger)))
        let (layout, shard, json) = (fleet.layout, shard, json)
        let service = Fleet(
            host: host, logger: logger,
            ready: { ports in
                if json { try ReadyLine(layout: layout, shard: shard, ports: ports).write(to: .standardOutput) }
            },
            finish: { _ in })
        try await Daemon.run([writer, service], options: options, logger: logger)
    }

    /// This process, or workers where their number is given or one process may not open as many descriptors.
    private func host(_ listener: FleetEngine.Listener) throws -> any FleetHost {
        let count = shard.unitCount(of: fleet.layout.count)
        let wanted = fleet.descriptorsPerUnit * count
        let descriptors = DescriptorLimit.raise(for: wanted)
        guard let path, workers != nil || descriptors < wanted else {
            guard descriptors >= wanted else {
                throw FleetError.tooManyUnits(count: count, descriptors: descriptors)
            }
            return FleetEngine(fleet: fleet, shard: shard, interest: interest, listener: listener)
        }
        let needed = wanted / max(descriptors, 1) + 1
        guard needed <= FleetError.mostWorkers else {
            throw FleetError.tooManyWorkers(
                units: count, descriptors: descriptors,
                wanted: wanted / FleetError.mostWorkers + 1 + DescriptorLimit.reserve)
        }
        var folder: String?
        if case .directory(let path) = console { folder = path }
        return WorkerPool(
            path: path, fleet: fleet, shard: shard, workers: min(max(workers ?? needed, needed), max(count, 1)),
            consoleDirectory: folder, interest: interest, listener: listener)
    }

    /// What somebody wants to know of the units.
    private var interest: UnitInterest {
        var interest: UnitInterest = []
        if console != .none { interest.formUnion([.console, .colors]) }
        if json { interest.insert(.colors) }
        return interest
    }

    private func reporter(to writer: ReportWriter) -> @Sendable (Int, UnitReport.Event) -> Void {
        let layout = fleet.layout
        return { number, event in writer.write(UnitReport(unit: layout.name(of: number), event: event)) }
    }

    private func warner(_ logger: Logger) -> @Sendable (Int, any Error) -> Void {
        let layout = fleet.layout
        return { number, error in
            logger.warning("unit.held-up", metadata: ["unit": "\(layout.name(of: number))", "why": "\(error)"])
        }
    }
}
