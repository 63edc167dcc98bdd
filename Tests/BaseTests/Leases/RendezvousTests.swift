import Testing
import UnitProtocol

@testable import Base

@Suite struct RendezvousTests {
    private let units = (0..<3000).map { IPv4Address(bits: 0x0A00_0000 + UInt32($0)) }

    @Test("each base is the first of about equally many units, and one that goes moves only its own")
    func spreads() {
        let bases = ["gateway-1", "gateway-2", "gateway-3"]
        var counts: [String: Int] = [:]
        for unit in units {
            let first = Rendezvous.first(of: bases, for: unit) ?? ""
            counts[first, default: 0] += 1
            if first != "gateway-3" { #expect(Rendezvous.first(of: bases.dropLast(), for: unit) == first) }
        }
        #expect(bases.allSatisfy { (900...1100).contains(counts[$0] ?? 0) })
        #expect(Rendezvous.first(of: [], for: units[0]) == nil)
    }

    @Test("the digest is of the set, whatever its order")
    func digests() {
        #expect(Rendezvous.digest(units) == Rendezvous.digest(units.reversed()))
        #expect(Rendezvous.digest(units) != Rendezvous.digest(units.dropLast()))
        #expect(Rendezvous.digest([]).count == 16)
    }

    @Test("a lease is dropped before the kernel ends the process, and that before etcd gives its units away")
    func times() {
        let times = LeaseTimes(sent: .seconds(100), ttl: .seconds(10))
        #expect([times.drop, times.kill, times.end] == [.seconds(108), .seconds(109), .seconds(110)])
    }

    @Test("keys of others below the prefix are nobody's")
    func keys() throws {
        let keys = ClusterKeys(prefix: "/iot-base")
        let unit = try IPv4Address("10.0.0.1")
        #expect(keys.unit(of: keys.unit(unit)) == unit)
        #expect(keys.unit(of: "/iot-base/units/10.0.0.1x") == nil)
        #expect(keys.unit(of: "/iot-base/bases/10.0.0.1") == nil)
        #expect(keys.baseName(of: keys.base("a")) == "a")
        #expect(keys.baseName(of: "/iot-base/units/a") == nil)
    }
}
