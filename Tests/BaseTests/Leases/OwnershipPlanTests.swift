import Testing
import UnitProtocol

@testable import Base

@Suite struct OwnershipPlanTests {
    private static let units = (1...10).map { IPv4Address(bits: 0x0A00_0000 + UInt32($0)) }
    private let wanted = Set(units)

    /// What stands in etcd: bases by name with their lease, and which units each has; tokens count from 100 on.
    private func view(_ bases: [String: (lease: Int64, units: [Int])], digest: String = "d") -> ClusterView {
        var view = ClusterView(revision: 1000)
        for (name, base) in bases {
            view.bases[name] = ClusterView.Base(lease: base.lease, digest: digest)
            for unit in base.units {
                view.units[Self.units[unit]] = ClusterView.Ownership(lease: base.lease, token: Int64(100 + unit))
            }
        }
        return view
    }

    private func plan(
        _ me: String, _ lease: Int64, _ view: ClusterView, wanted: Set<IPv4Address>? = nil,
        onDemand: Set<IPv4Address> = [], leaving: Set<Tenure> = [], most: Int = .max
    ) -> OwnershipPlan {
        OwnershipPlan(
            me: me, lease: lease, view: view, wanted: wanted ?? self.wanted, onDemand: onDemand, leaving: leaving,
            most: most)
    }

    private func tokens(_ units: [Int]) -> [IPv4Address: Int64] {
        Dictionary(uniqueKeysWithValues: units.map { (Self.units[$0], Int64(100 + $0)) })
    }

    @Test("a base that is alone takes everything")
    func alone() {
        let plan = plan("a", 1, view(["a": (1, [])]))
        #expect(plan.acquire == Self.units)
        #expect(plan.keep.isEmpty && plan.release.isEmpty)
    }

    @Test("what is free is taken by one base each, so that numbers differ by one at most")
    func divides() {
        let view = view(["a": (1, []), "b": (2, []), "c": (3, [])])
        let shares = ["a", "b", "c"].enumerated().map { plan($1, Int64($0 + 1), view).acquire }
        #expect(shares.flatMap { $0 }.sorted() == Self.units)
        #expect(shares.map(\.count).sorted() == [3, 3, 4])
    }

    @Test("a base that comes gets its share: the others give what leans to them least, and keep the rest")
    func comes() {
        let view = view(["a": (1, [0, 1, 2, 3, 4]), "b": (2, [5, 6, 7, 8, 9]), "c": (3, [])])
        let plans = [plan("a", 1, view), plan("b", 2, view), plan("c", 3, view)]
        #expect(plans.map(\.keep.count) == [4, 3, 0])
        #expect(plans.map(\.release.count) == [1, 2, 0])
        #expect(plans.flatMap(\.acquire).isEmpty)
        for (name, plan) in zip(["a", "b"], plans) {
            let kept = plan.keep.keys.map { Rendezvous.weight(of: name, for: $0) }.min() ?? 0
            #expect(plan.release.keys.allSatisfy { Rendezvous.weight(of: name, for: $0) < kept })
        }
    }

    @Test("the units of a base that is gone are divided among those that live")
    func goes() {
        let view = view(["a": (1, [0, 1, 2]), "b": (2, [3, 4, 5])])
        let (first, second) = (plan("a", 1, view), plan("b", 2, view))
        #expect((first.acquire + second.acquire).sorted() == Array(Self.units[6...]))
        #expect([first.acquire.count, second.acquire.count] == [2, 2])
        #expect(first.keep == tokens([0, 1, 2]))
    }

    @Test("what a lease holds that no base has any more is nobody's to take, until it ends")
    func orphans() {
        var view = view(["a": (1, [])])
        view.units[Self.units[0]] = ClusterView.Ownership(lease: 9, token: 50)
        #expect(plan("a", 1, view).acquire == Array(Self.units[1...]))
    }

    @Test("a key whose release has begun is released again and never kept")
    func leaving() {
        let plan = plan("a", 1, view(["a": (1, [0, 1])]), leaving: [Tenure(unit: Self.units[0], token: 100)])
        #expect(plan.release == tokens([0]))
        #expect(plan.keep == tokens([1]))
    }

    @Test("a unit that is not read is kept while it is there for commands, and given up else")
    func onDemand() {
        let view = view(["a": (1, [0, 1])])
        let plan = plan("a", 1, view, wanted: [], onDemand: [Self.units[0]])
        #expect(plan.keep == tokens([0]))
        #expect(plan.release == tokens([1]))
    }

    @Test("no key is made for a unit that the base could not read; what is given up has its place until it is gone")
    func room() {
        #expect(plan("a", 1, view(["a": (1, [])]), most: 4).acquire == Array(Self.units[..<4]))
        let view = view(["a": (1, [0, 1, 2])])
        #expect(plan("a", 1, view, most: 3).acquire == [])
        #expect(plan("a", 1, view, most: 4).acquire == [Self.units[3]])
        let leaving: Set = [Tenure(unit: Self.units[0], token: 100)]
        #expect(plan("a", 1, view, leaving: leaving, most: 3).acquire == [])
        let more = plan("a", 1, view, most: 2)
        #expect(more.acquire == [] && more.keep.count == 2 && more.release.count == 1)
        #expect(plan("a", 1, view, onDemand: [Self.units[9]], most: 0).acquire == [])
        let lamp = plan("a", 1, view, wanted: [Self.units[5]], onDemand: Set(Self.units[..<3]), most: 1)
        #expect(lamp.acquire == [Self.units[5]])
    }

    @Test("bases that read other units are another group, with shares of its own")
    func groups() {
        var view = view(["a": (1, []), "b": (2, [])])
        view.bases["c"] = ClusterView.Base(lease: 3, digest: "other")
        #expect(plan("a", 1, view).acquire.count == 5)
        #expect(plan("c", 3, view, wanted: [Self.units[0]]).acquire == [Self.units[0]])
    }

    @Test("a base that does not stand in etcd under this lease does nothing")
    func absent() {
        let view = view(["a": (7, [0]), "b": (2, [])])
        #expect(plan("a", 1, view) == plan("nobody", 1, ClusterView(revision: 1)))
        #expect(plan("a", 1, view).keep.isEmpty)
    }

    @Test("bases that come and go, each with an old view, end evenly and move little", arguments: 1...20)
    func random(seed: UInt64) {
        var state = seed
        func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(sides))
        }
        let units = (0..<97).map { IPv4Address(bits: 0x0A01_0000 + UInt32($0)) }
        var etcd = ClusterView(revision: 1)
        var lease: Int64 = 0
        func come() {
            lease += 1
            etcd.bases["base-\(lease)"] = ClusterView.Base(lease: lease, digest: "d")
        }
        /// One base acts on what it saw; the transactions let it have only what is free.
        func act(_ name: String, _ seen: ClusterView) {
            guard let own = etcd.bases[name]?.lease else { return }
            let plan = OwnershipPlan(
                me: name, lease: own, view: seen, wanted: Set(units), onDemand: [], leaving: [], most: .max)
            for (unit, token) in plan.release where etcd.units[unit]?.token == token { etcd.units[unit] = nil }
            for unit in plan.acquire where etcd.units[unit] == nil {
                etcd.revision += 1
                etcd.units[unit] = ClusterView.Ownership(lease: own, token: etcd.revision)
            }
        }
        func settle() {
            for _ in 0..<6 {
                let seen = etcd
                for name in etcd.bases.keys.sorted() { act(name, roll(2) == 0 ? seen : etcd) }
            }
        }
        for _ in 0..<3 { come() }
        settle()
        for _ in 0..<10 {
            let before = etcd
            let gone = etcd.bases.count > 1 && roll(2) == 0 ? etcd.bases.keys.sorted()[roll(etcd.bases.count)] : nil
            if let gone, let ended = etcd.bases.removeValue(forKey: gone)?.lease {
                etcd.units = etcd.units.filter { $0.value.lease != ended }
            } else {
                come()
            }
            settle()
            let counts = etcd.bases.values.map { base in etcd.units.values.count { $0.lease == base.lease } }
            #expect(counts.reduce(0, +) == units.count)
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
            let moved = units.count { before.units[$0]?.lease != etcd.units[$0]?.lease }
            // One base's share, and one a base for the rest of the division.
            let fewest = min(before.bases.count, etcd.bases.count)
            #expect(moved <= units.count / fewest + etcd.bases.count + 1)
        }
    }
}
