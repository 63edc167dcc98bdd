import UnitProtocol

/// What one base does next so that each unit is one base's and all have equally many: a value, from what stands in etcd.
///
/// Each base decides for itself. All come to the same shares from the same view, and where views differ, etcd's
/// transactions let one have the unit. A base keeps what it has up to its share, so a base that comes or goes moves no more
/// units than its share; numbers differ by one at most when nothing is left to do. Bases that read other units are another
/// group, with shares of its own.
struct OwnershipPlan: Equatable, Sendable {
    /// Units whose keys this base is to make.
    var acquire: [IPv4Address] = []
    /// Units whose keys are this base's, and that it may connect, with their tokens.
    var keep: [IPv4Address: Int64] = [:]
    /// Units to be left, and whose keys are to be deleted then, with their tokens.
    var release: [IPv4Address: Int64] = [:]

    /// - Parameters:
    ///   - wanted: The units that this base reads.
    ///   - onDemand: Units that it holds for commands alone.
    ///   - leaving: What is being given up. It is never kept again: the deletion may be on its way still.
    ///   - most: How many units this base can read; the others keep to their equal shares, so what is beyond is nobody's. What is
    ///     given up counts until its key is deleted.
    init(
        me: String, lease: Int64, view: ClusterView, wanted: Set<IPv4Address>, onDemand: Set<IPv4Address>,
        leaving: Set<Tenure>, most: Int
    ) {
        guard let own = view.bases[me], own.lease == lease else { return }
        let group = view.bases.filter { $0.value.digest == own.digest }
        var owned = group.mapValues { _ in 0 }
        let names = Dictionary(group.map { ($0.value.lease, $0.key) }) { first, _ in first }
        for unit in wanted {
            if let name = view.units[unit].flatMap({ names[$0.lease] }) { owned[name, default: 0] += 1 }
        }
        let shares = Self.shares(of: wanted.count, owned)
        divideOwn(me, lease, view, wanted, onDemand, leaving, share: min(shares[me] ?? 0, most))
        var room = shares.merging(owned) { max(0, $0 - $1) }
        let taken = release.count + keep.keys.count(where: wanted.contains)
        room[me] = min(room[me] ?? 0, max(0, most - taken))
        for unit in wanted.sorted() where view.units[unit] == nil {
            guard let name = Rendezvous.first(of: room.filter({ $0.value > 0 }).keys, for: unit) else { break }
            room[name, default: 0] -= 1
            if name == me { acquire.append(unit) }
        }
    }

    /// How many units each base is to have; where they cannot be equal, those that have most may have one more.
    static func shares(of count: Int, _ owned: [String: Int]) -> [String: Int] {
        guard !owned.isEmpty else { return [:] }
        let (share, rest) = count.quotientAndRemainder(dividingBy: owned.count)
        let ordered = owned.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return Dictionary(
            uniqueKeysWithValues: ordered.enumerated().map { place, base in (base.key, place < rest ? share + 1 : share)
            })
    }

    private mutating func divideOwn(
        _ me: String, _ lease: Int64, _ view: ClusterView, _ wanted: Set<IPv4Address>, _ onDemand: Set<IPv4Address>,
        _ leaving: Set<Tenure>, share: Int
    ) {
        var read: [(unit: IPv4Address, token: Int64)] = []
        for (unit, ownership) in view.units where ownership.lease == lease {
            if leaving.contains(Tenure(unit: unit, token: ownership.token)) {
                release[unit] = ownership.token
            } else if wanted.contains(unit) {
                read.append((unit, ownership.token))
            } else if onDemand.contains(unit) {
                keep[unit] = ownership.token
            } else {
                release[unit] = ownership.token
            }
        }
        // What leans to this base least goes first.
        read.sort { Rendezvous.weight(of: me, for: $0.unit) > Rendezvous.weight(of: me, for: $1.unit) }
        for (place, own) in read.enumerated() {
            if place < share { keep[own.unit] = own.token } else { release[own.unit] = own.token }
        }
    }
}
