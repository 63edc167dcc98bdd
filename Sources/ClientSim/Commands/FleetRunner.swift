import Daemon
import Foundation
import Logging
import ServiceLifecycle
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
    var watch: WatchOptions?

    func run() async throws {
        guard shard.unitCount(of: fleet.layout.count) > 0 else {
            throw FleetError.emptyPart(shard, units: fleet.layout.count)
        }
        let logger = options.logger("sim")
        try watch?.prepareReports()
        let writer = ReportWriter(destination: console, printsColorsAsJSON: json, logger: logger)
        let colors = LampColors()
        let host = try host(.init(report: reporter(to: writer, colors), problem: warner(logger)))
        var services: [any Service] = [writer]
        var control: String?
        if let port = watch?.control {
            let server = try await ControlServer(port: port, control: try self.control(host))
            if let file = watch?.controlTokenFile, ControlToken.isExposed(file) {
                logger.warning("control.token-exposed", metadata: ["file": "\(file)", "do": "chmod 600"])
            }
            control = server.address
            services.append(server)
            logger.info("control.listening", metadata: ["address": "\(server.address)"])
        }
        let (fleet, shard, json, path, watch) = (fleet, shard, json, path, watch)
        services.append(
            Fleet(
                host: host, logger: logger,
                ready: { [control] ports in
                    guard json else { return }
                    try ReadyLine(layout: fleet.layout, shard: shard, ports: ports, control: control)
                        .write(to: .standardOutput)
                },
                finish: { host in
                    guard let watch, watch.report != nil || watch.junit != nil else { return }
                    let measured = await host.halt()
                    try RunReport(
                        fleet: fleet, path: path ?? "", shard: shard, snapshot: await host.snapshot(),
                        measured: measured, ended: Date()
                    ).write(json: watch.report, junit: watch.junit)
                }))
        if watch?.view == true {
            services.append(ViewPainter(layout: fleet.layout, shard: shard, colors: colors, host: host))
        }
        try await Daemon.run(services, options: options, logger: logger)
    }

    private func control(_ host: any FleetHost) throws -> FleetControl {
        FleetControl(
            layout: fleet.layout, token: try watch?.controlTokenFile.map { try ControlToken.read($0) },
            snapshot: { await host.snapshot() }, inject: { try await host.inject($0) })
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
            consoleDirectory: folder, interest: interest, logArguments: options.logArguments, listener: listener)
    }

    /// What somebody wants to know of the units.
    private var interest: UnitInterest {
        var interest: UnitInterest = []
        if console != .none { interest.formUnion([.console, .colors]) }
        if json || watch?.view == true { interest.insert(.colors) }
        return interest
    }

    private func reporter(
        to writer: ReportWriter, _ colors: LampColors
    ) -> @Sendable (Int, UnitReport.Event) -> Void {
        let (layout, hasView) = (fleet.layout, watch?.view == true)
        return { number, event in
            if hasView, case .shows(let color) = event { colors.set(color, of: number) }
            writer.write(UnitReport(unit: layout.name(of: number), event: event))
        }
    }

    private func warner(_ logger: Logger) -> @Sendable (Int, any Error) -> Void {
        let layout = fleet.layout
        return { number, error in
            logger.warning("unit.held-up", metadata: ["unit": "\(layout.name(of: number))", "why": "\(error)"])
        }
    }
}
