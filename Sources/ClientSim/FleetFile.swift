import Files
import Foundation
import Settings
import UnitProtocol

/// A fleet as a person describes it: cohorts of alike units.
///
/// The schema is in `docs/fleet.schema.json`; `docs/examples/fleet.yaml` is an example.
public struct FleetFile: Sendable {
    /// All units, cohort after cohort.
    public let plans: [UnitPlan]

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
        document.finish()
        try document.throwIfProblems()
        plans = builder.plans
    }
}

/// Turns cohorts into plans and remembers which names and addresses are taken.
private struct FleetBuilder {
    var plans: [UnitPlan] = []
    private var names: Set<String> = []
    private var owners: [Place: String] = [:]
    /// Where the next cohort without addresses begins.
    private var nextAddress = IPv4Address(bits: 0x7F00_0101)

    private struct Place: Hashable {
        var address: IPv4Address
        var port: Int
    }

    mutating func add(_ cohort: SettingsReader) {
        let name = readName(cohort)
        let kind = cohort.choice("kind", of: UnitKind.self)
        if kind == nil, cohort.node("kind") == nil { cohort.report("kind", "is missing; write read or updatable") }
        let count = cohort.integer("count", in: 1...FleetFile.mostUnits)
        let addresses = readAddresses(cohort, count: count)
        let port = cohort.integer("port", in: 1...65_535) ?? UnitPort.firmware
        let profile = cohort.parsed("profile") { try FirmwareProfile.named($0) } ?? .core31
        let signal = cohort.parsed("signal") { try Signal($0) } ?? .uniform
        let period = cohort.duration("period", in: FleetFile.periods) ?? .seconds(1)
        let seed = cohort.integer("seed", in: 0...Int.max) ?? 1
        if kind == .updatable {
            for key in ["signal", "period", "seed"] where cohort.node(key) != nil {
                cohort.report(key, "belongs to read units; a lamp measures nothing")
            }
        }
        cohort.finish()
        guard plans.count + addresses.count <= FleetFile.mostUnits else {
            cohort.report("count", "makes the fleet larger than \(FleetFile.mostUnits) units")
            return
        }
        guard let name, let kind else { return }
        var seeds = SplitMix64(seed: UInt64(seed))
        for (index, address) in addresses.enumerated() {
            let unit = "\(name)-\(index + 1)"
            let place = Place(address: address, port: port)
            if let owner = owners.updateValue(unit, forKey: place) {
                cohort.report("addresses", "gives \(unit) the address \(address), which \(owner) has already")
                return
            }
            plans.append(
                UnitPlan(
                    name: unit, kind: kind, address: address, port: port, profile: profile, signal: signal,
                    period: period, seed: seeds.next()))
        }
    }

    /// Names become file names and prefixes of lines, so they are plain.
    private mutating func readName(_ cohort: SettingsReader) -> String? {
        guard let name = cohort.string("name", maximumLength: 64) else {
            if cohort.node("name") == nil {
                cohort.report("name", "is missing; its units are called NAME-1, NAME-2, …")
            }
            return nil
        }
        guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_-]*/) != nil else {
            cohort.report("name", "must be of letters, digits, - and _, and start with a letter or digit")
            return nil
        }
        guard names.insert(name).inserted else {
            cohort.report("name", "is the name of another cohort too")
            return nil
        }
        return name
    }

    private mutating func readAddresses(_ cohort: SettingsReader, count: Int?) -> [IPv4Address] {
        switch cohort.node("addresses") {
        case nil:
            let addresses = Self.row(from: nextAddress, count: count ?? 1)
            nextAddress = addresses.last?.advanced(by: 1) ?? nextAddress
            return addresses
        case .string(let text) where text.contains("/"):
            return block(text, cohort, count: count ?? 1)
        case .string(let text):
            guard let first = cohort.parsed("addresses", { try IPv4Address($0) }) else { return [] }
            let addresses = Self.row(from: first, count: count ?? 1)
            if addresses.count < count ?? 1 {
                cohort.report("addresses", "leaves no room for \(count ?? 1) units after \(text)")
            }
            return addresses
        default:
            let elements = cohort.list("addresses", maximumCount: FleetFile.mostUnits) ?? []
            if let count, !elements.isEmpty, elements.count != count {
                cohort.report("count", "is \(count), but addresses lists \(elements.count); leave count away")
            }
            return elements.compactMap { element in element.parsed { try IPv4Address($0) } }
        }
    }

    /// Consecutive addresses; fewer than `count` where there are no more.
    private static func row(from first: IPv4Address, count: Int) -> [IPv4Address] {
        (0..<count).compactMap { first.advanced(by: UInt32($0)) }
    }

    /// The hosts of a block: without its first and last address, unless it is smaller than four.
    private func block(_ text: String, _ cohort: SettingsReader, count: Int) -> [IPv4Address] {
        guard let network = cohort.parsed("addresses", { try IPv4Network($0) }) else { return [] }
        let margin = network.count >= 4 ? 1 : 0
        let room = network.count - 2 * margin
        guard count <= room else {
            cohort.report("count", "is \(count), but \(text) has room for \(room) units")
            return []
        }
        return (margin..<(margin + count)).compactMap { network.base.advanced(by: UInt32($0)) }
    }
}
