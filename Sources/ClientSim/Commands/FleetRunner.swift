import Daemon
import Foundation
import Logging
import UnitProtocol

/// Runs a fleet as a process: units, and the writer of what they report.
struct FleetRunner {
    var fleet: FleetFile
    var shard = Shard.whole
    var console: ConsoleDestination
    var options: DaemonOptions
    var json = false

    func run() async throws {
        let logger = options.logger("sim")
        let count = shard.unitCount(of: fleet.layout.count)
        // A listener and a connection for each unit.
        let descriptors = DescriptorLimit.raise(for: 2 * count)
        guard descriptors >= 2 * count else {
            throw FleetError.tooManyUnits(count: count, descriptors: descriptors)
        }
        let writer = ReportWriter(destination: console, printsColorsAsJSON: json, logger: logger)
        let host = FleetEngine(
            fleet: fleet, shard: shard, interest: interest,
            listener: .init(report: reporter(to: writer), problem: warner(logger)))
        let (layout, shard, json) = (fleet.layout, shard, json)
        let service = Fleet(
            host: host, logger: logger,
            ready: { ports in
                if json { try ReadyLine(layout: layout, shard: shard, ports: ports).write(to: .standardOutput) }
            },
            finish: { _ in })
        try await Daemon.run([writer, service], options: options, logger: logger)
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
