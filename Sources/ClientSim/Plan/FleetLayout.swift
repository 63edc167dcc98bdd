import UnitProtocol

/// A fleet as cohorts: small however many units it has, each of which is made when it is asked for.
public struct FleetLayout: Hashable, Sendable {
    public struct Cohort: Hashable, Sendable {
        var name: String
        /// Whether it is one unit that is called as the cohort is.
        var isUnit = false
        var kind: UnitKind
        var addresses: AddressList
        var port: Int
        var profile = FirmwareProfile.core31
        var signal = Signal.uniform
        var period = Duration.seconds(1)
        /// By how much a period may be shorter or longer.
        var jitter = Duration.zero
        var seed: UInt64 = 1
        /// Where it is another one than the fleet's.
        var arrival: Arrival?

        var count: Int { addresses.count }

        func unitName(_ position: Int) -> String { isUnit ? name : "\(name)-\(position + 1)" }

        func plan(_ position: Int) -> UnitPlan {
            UnitPlan(
                name: unitName(position), kind: kind, address: addresses[position], port: port, profile: profile,
                signal: signal, period: period, jitter: jitter,
                seed: isUnit ? seed : SplitMix64.output(position, seed: seed))
        }
    }

    public private(set) var cohorts: [Cohort] = []
    /// The number of each cohort's first unit.
    private var firsts: [Int] = []
    private var places: [String: Int] = [:]
    public private(set) var count = 0

    init() {}

    /// A fleet of one.
    init(_ plan: UnitPlan) {
        append(
            Cohort(
                name: plan.name, isUnit: true, kind: plan.kind, addresses: .row(plan.address, count: 1),
                port: plan.port, profile: plan.profile, signal: plan.signal, period: plan.period, jitter: plan.jitter,
                seed: plan.seed))
    }

    mutating func append(_ cohort: Cohort) {
        places[cohort.name] = places[cohort.name] ?? cohorts.count
        cohorts.append(cohort)
        firsts.append(count)
        count += cohort.count
    }

    /// Which cohort a unit is of.
    func cohort(of unit: Int) -> Int {
        var (low, high) = (0, firsts.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if firsts[middle] <= unit { low = middle } else { high = middle }
        }
        return low
    }

    func name(of unit: Int) -> String {
        let cohort = cohort(of: unit)
        return cohorts[cohort].unitName(unit - firsts[cohort])
    }

    subscript(unit: Int) -> UnitPlan {
        let cohort = cohort(of: unit)
        return cohorts[cohort].plan(unit - firsts[cohort])
    }

    /// The units of a cohort; nil when there is none of this name.
    func units(ofCohort name: String) -> Range<Int>? {
        places[name].map { firsts[$0]..<firsts[$0] + cohorts[$0].count }
    }

    /// The number of a unit; nil when there is none of this name.
    func unit(named name: String) -> Int? {
        if let place = places[name], cohorts[place].isUnit { return firsts[place] }
        // The cohort's name may have hyphens of its own; the number has none.
        guard let hyphen = name.lastIndex(of: "-"), let place = places[String(name[..<hyphen])],
            let number = Int(name[name.index(after: hyphen)...]), (1...max(cohorts[place].count, 1)).contains(number),
            cohorts[place].unitName(number - 1) == name
        else { return nil }
        return firsts[place] + number - 1
    }

    /// The units that a target means, before its share is taken; nil when there is no such cohort or unit.
    func units(of target: FaultTarget) -> Range<Int>? {
        if let name = target.unit { return unit(named: name).map { $0..<$0 + 1 } }
        if let name = target.cohort { return units(ofCohort: name) }
        return 0..<count
    }
}

/// The addresses of a cohort.
enum AddressList: Hashable, Sendable {
    /// One after the other.
    case row(IPv4Address, count: Int)
    case list([IPv4Address])

    var count: Int {
        switch self {
        case .row(_, let count): count
        case .list(let addresses): addresses.count
        }
    }

    subscript(position: Int) -> IPv4Address {
        switch self {
        case .row(let first, _): IPv4Address(bits: first.bits + UInt32(position))
        case .list(let addresses): addresses[position]
        }
    }
}
