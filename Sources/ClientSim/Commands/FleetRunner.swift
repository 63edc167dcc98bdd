import Daemon
import UnitProtocol

/// Runs a fleet as a process: units, and the writer of what they report.
struct FleetRunner {
    var plans: [UnitPlan]
    var console: ConsoleDestination
    var options: DaemonOptions
    var json = false

    private struct Ready: Encodable {
        var units: [Fleet.Member]
    }

    func run() async throws {
        let logger = options.logger("sim")
        // A listener and a connection for each unit.
        let descriptors = DescriptorLimit.raise(for: 2 * plans.count)
        guard descriptors >= 2 * plans.count else {
            throw FleetError.tooManyUnits(count: plans.count, descriptors: descriptors)
        }
        let writer = ReportWriter(destination: console, printsColorsAsJSON: json, logger: logger)
        let json = json
        let fleet = Fleet(
            plans: plans, logger: logger,
            ready: { members in if json { try Daemon.printLine(Ready(units: members)) } },
            report: { writer.write($0) })
        try await Daemon.run([writer, fleet], options: options, logger: logger)
    }
}
