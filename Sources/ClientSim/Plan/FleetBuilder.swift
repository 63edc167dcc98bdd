import Settings
import UnitProtocol

/// Turns cohorts into a layout and remembers which names and addresses are taken.
struct FleetBuilder {
    private(set) var layout = FleetLayout()
    /// Whether something is wrong with cohorts, so that the layout is without some of them.
    private(set) var isPartial = false
    private var names: Set<String> = []
    /// Which unit has an address and port.
    private var owners: [Place: Int32] = [:]
    /// Where the next cohort without addresses begins.
    private var nextAddress = IPv4Address(bits: 0x7F00_0101)

    private struct Place: Hashable {
        var address: IPv4Address
        var port: Int
    }

    mutating func add(_ cohort: SettingsReader) {
        let before = layout.cohorts.count
        defer { if layout.cohorts.count == before { isPartial = true } }
        let name = readName(cohort)
        let kind = cohort.choice("kind", of: UnitKind.self)
        if kind == nil, cohort.node("kind") == nil { cohort.report("kind", "is missing; write read or updatable") }
        let count = cohort.integer("count", in: 1...FleetFile.mostUnits)
        let addresses = readAddresses(cohort, count: count)
        let port = cohort.integer("port", in: 1...65_535) ?? UnitPort.firmware
        let profile = cohort.parsed("profile") { try FirmwareProfile.named($0) } ?? .core31
        let signal = cohort.parsed("signal") { try Signal($0) } ?? .uniform
        let period = cohort.duration("period", in: FleetFile.periods) ?? .seconds(1)
        let jitter = cohort.duration("jitter", in: .zero...FleetFile.periods.upperBound) ?? .zero
        if jitter >= period { cohort.report("jitter", "must be less than the period, \(period.settingsText)") }
        let seed = cohort.integer("seed", in: 0...Int.max) ?? 1
        let arrival = cohort.map("arrival").map { Arrival(reading: $0) }
        if kind == .updatable {
            for key in ["signal", "period", "jitter", "seed"] where cohort.node(key) != nil {
                cohort.report(key, "belongs to read units; a lamp measures nothing")
            }
        }
        cohort.finish()
        guard layout.count + addresses.count <= FleetFile.mostUnits else {
            cohort.report("count", "makes the fleet larger than \(FleetFile.mostUnits) units")
            return
        }
        guard let name, let kind else { return }
        let described = FleetLayout.Cohort(
            name: name, kind: kind, addresses: addresses, port: port, profile: profile, signal: signal, period: period,
            jitter: jitter, seed: UInt64(seed), arrival: arrival)
        if take(described, cohort) { layout.append(described) }
    }

    /// Whether all addresses of a cohort are free.
    private mutating func take(_ described: FleetLayout.Cohort, _ cohort: SettingsReader) -> Bool {
        for position in 0..<described.count {
            let address = described.addresses[position]
            let unit = Int32(layout.count + position)
            guard let owner = owners.updateValue(unit, forKey: Place(address: address, port: described.port)) else {
                continue
            }
            let name = described.unitName(position)
            let other =
                owner < layout.count
                ? layout.name(of: Int(owner)) : described.unitName(Int(owner) - layout.count)
            cohort.report("addresses", "gives \(name) the address \(address), which \(other) has already")
            return false
        }
        return true
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

    private mutating func readAddresses(_ cohort: SettingsReader, count: Int?) -> AddressList {
        switch cohort.node("addresses") {
        case nil:
            let addresses = Self.row(from: nextAddress, count: count ?? 1)
            nextAddress = nextAddress.advanced(by: UInt32(addresses.count)) ?? nextAddress
            return addresses
        case .string(let text) where text.contains("/"):
            return block(text, cohort, count: count ?? 1)
        case .string(let text):
            guard let first = cohort.parsed("addresses", { try IPv4Address($0) }) else { return .list([]) }
            let addresses = Self.row(from: first, count: count ?? 1)
            if addresses.count < count ?? 1 {
                cohort.report("addresses", "leaves no room for \(count ?? 1) units after \(text)")
            }
            return addresses
        default:
            let elements = cohort.list("addresses", maximumCount: FleetFile.mostUnits)
            if elements?.isEmpty == true {
                cohort.report("addresses", "is empty; list at least one address, or leave it away")
            }
            let list = elements ?? []
            if let count, !list.isEmpty, list.count != count {
                cohort.report("count", "is \(count), but addresses lists \(list.count); leave count away")
            }
            return .list(list.compactMap { element in element.parsed { try IPv4Address($0) } })
        }
    }

    /// Consecutive addresses; fewer than `count` where there are no more.
    private static func row(from first: IPv4Address, count: Int) -> AddressList {
        .row(first, count: min(count, Int(UInt32.max - first.bits) + 1))
    }

    /// The hosts of a block: without its first and last address, unless it is smaller than four.
    private func block(_ text: String, _ cohort: SettingsReader, count: Int) -> AddressList {
        guard let network = cohort.parsed("addresses", { try IPv4Network($0) }) else { return .list([]) }
        let margin = network.count >= 4 ? 1 : 0
        let room = network.count - 2 * margin
        guard count <= room, let first = network.base.advanced(by: UInt32(margin)) else {
            cohort.report("count", "is \(count), but \(text) has room for \(room) units")
            return .list([])
        }
        return .row(first, count: count)
    }
}
