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

    /// Of the file's bytes; tells two versions of it apart.
    public let sum: UInt64

    /// How many descriptors a unit may need.
    var descriptorsPerUnit: Int { timeline.contains { $0.fault.kind.leavesConnections } ? 3 : 2 }

    /// Each unit by itself; many take much room.
    public var plans: [UnitPlan] { (0..<layout.count).map { layout[$0] } }

    static let mostUnits = 100_000
    private static let mostBytes = 16 * 1024 * 1024
    static let periods = Duration.milliseconds(10)...Duration.seconds(86_400)

    /// - Throws: ``FleetError/unreadableFile(path:reason:)``, or ``SettingsError`` with all that is wrong.
    ///
    /// - Parameter sum: What the file's sum has to be, if anybody says.
    public init(path: String, sum: UInt64? = nil) throws {
        let data: Data
        do {
            data = try RegularFile.bytes(of: path, atMost: Self.mostBytes)
        } catch {
            throw FleetError.unreadableFile(path: path, reason: "\(error)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw FleetError.unreadableFile(path: path, reason: "it is not UTF-8 text")
        }
        if let sum, sum != Self.sum(of: text) { throw FleetError.otherFile(path: path) }
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
        // Of a layout without all its cohorts it cannot be said which names are wrong.
        let layout = builder.isPartial ? nil : builder.layout
        timeline = events.compactMap { FaultEvent(reading: $0.map(), layout: layout) }
        arrival = document.map("arrival").map { Arrival(reading: $0) } ?? .atOnce
        seed = UInt64(document.integer("seed", in: 0...Int.max) ?? 1)
        document.finish()
        try document.throwIfProblems()
        self.layout = builder.layout
        sum = Self.sum(of: yaml)
    }

    /// FNV-1a. Source: Fowler, Noll and Vo, "The FNV non-cryptographic hash algorithm" (RFC 9923).
    private static func sum(of text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// A fleet of one, to which nothing happens.
    init(_ plan: UnitPlan) {
        layout = FleetLayout(plan)
        arrival = .atOnce
        timeline = []
        seed = 1
        sum = 0
    }
}
