import Files
import Foundation
import Settings
import UnitProtocol

/// A fleet as a person describes it: cohorts of alike units.
///
/// The schema is in `docs/fleet.schema.json`; `docs/examples/fleet.yaml` is an example.
public struct FleetFile: Sendable {
    /// All units, cohort after cohort.
    public let layout: FleetLayout
    public let arrival: Arrival
    /// What happens to units during the run.
    public let timeline: [FaultEvent]
    /// Decides all that is left to chance, but for what sensors measure: cohorts have seeds for that.
    public let seed: UInt64

    /// Each unit by itself; many take much room.
    public var plans: [UnitPlan] { (0..<layout.count).map { layout[$0] } }

    static let mostUnits = 100_000
    private static let mostBytes = 16 * 1024 * 1024
    static let periods = Duration.milliseconds(10)...Duration.seconds(86_400)

    /// - Throws: ``FleetError/unreadableFile(path:reason:)``, or ``SettingsError`` with all that is wrong.
    public init(path: String) throws {
        let data: Data
        do {
            data = try RegularFile.bytes(of: path, atMost: Self.mostBytes)
        } catch {
            throw FleetError.unreadableFile(path: path, reason: "\(error)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw FleetError.unreadableFile(path: path, reason: "it is not UTF-8 text")
        }
        self = try SettingsError.naming(path) { try FleetFile(yaml: text) }
    }

    /// - Throws: ``SettingsError`` with all that is wrong.
    public init(yaml: String) throws {
        let document = SettingsReader(document: try SettingsNode(yaml: yaml))
        var builder = FleetBuilder()
        if let cohorts = document.list("cohorts", maximumCount: 10_000) {
            if cohorts.isEmpty { document.report("cohorts", "is empty; describe at least one cohort") }
            for cohort in cohorts {
                builder.add(cohort.map())
            }
        } else if document.problems.isEmpty {
            document.report("cohorts", "is missing; it is the list of cohorts")
        }
        let events = document.list("timeline", maximumCount: 10_000) ?? []
        timeline = events.compactMap { FaultEvent(reading: $0.map(), layout: builder.layout) }
        arrival = document.map("arrival").map { Arrival(reading: $0) } ?? .atOnce
        seed = UInt64(document.integer("seed", in: 0...Int.max) ?? 1)
        document.finish()
        try document.throwIfProblems()
        layout = builder.layout
    }

    /// A fleet of one, to which nothing happens.
    init(_ plan: UnitPlan) {
        layout = FleetLayout(plan)
        arrival = .atOnce
        timeline = []
        seed = 1
    }
}
