import Testing
import UnitProtocol

@testable import Base

@Suite struct ProposalsTests {
    private func unit(
        _ text: String, _ kind: FoundUnit.Kind = .read, by means: FoundUnit.Means = .sweep, name: String? = nil
    ) throws -> FoundUnit {
        FoundUnit(address: try IPv4Address(text), kind: kind, means: means, name: name, at: 1_700_000_000_000)
    }

    private func told(_ proposals: inout Proposals, at now: Duration) -> [FoundUnit]? {
        let units = proposals.next(at: now)
        if units != nil { proposals.finished(.accepted, random: 1, at: now) }
        return units
    }

    @Test("WH-008: what the dashboard is told names address, kind, means, name and time")
    func json() throws {
        #expect(
            try unit("10.0.0.7", .updatable, by: .mdns, name: "Hall").json.text
                == #"{"at":1700000000000,"by":"mdns","ip":"10.0.0.7","kind":"updatable","name":"Hall"}"#)
        #expect(
            try unit("10.0.0.7").json.text == #"{"at":1700000000000,"by":"sweep","ip":"10.0.0.7","kind":"read"}"#)
    }

    @Test("WH-008: a unit is told once, and again after a day")
    func once() throws {
        var proposals = Proposals()
        let found = try unit("10.0.0.7")
        proposals.add(found, at: .zero)
        #expect(told(&proposals, at: .zero) == [found])
        proposals.add(found, at: .seconds(3600))
        #expect(told(&proposals, at: .seconds(3600)) == nil)
        proposals.add(found, at: .seconds(86_400))
        #expect(told(&proposals, at: .seconds(86_400)) == [found])
    }

    @Test("WH-008: a unit is told again when it has changed; silence does not make a lamp of what has spoken")
    func changed() throws {
        var proposals = Proposals()
        proposals.add(try unit("10.0.0.7", .unknown, by: .mdns, name: "Hall"), at: .zero)
        #expect(told(&proposals, at: .zero) == [try unit("10.0.0.7", .unknown, by: .mdns, name: "Hall")])
        proposals.add(try unit("10.0.0.7", .updatable), at: .seconds(1))
        #expect(told(&proposals, at: .seconds(1)) == [try unit("10.0.0.7", .updatable, by: .mdns, name: "Hall")])
        proposals.add(try unit("10.0.0.7", .read), at: .seconds(2))
        #expect(told(&proposals, at: .seconds(2)) == [try unit("10.0.0.7", .read, by: .mdns, name: "Hall")])
        proposals.add(try unit("10.0.0.7", .updatable), at: .seconds(3))
        #expect(told(&proposals, at: .seconds(3)) == nil)
        proposals.add(try unit("10.0.0.7", .read, name: "Door"), at: .seconds(4))
        #expect(told(&proposals, at: .seconds(4)) == [try unit("10.0.0.7", .read, by: .mdns, name: "Door")])
    }

    @Test("WH-008: what fails is tried again with growing pauses, with what came meanwhile, and in its order")
    func failures() throws {
        var proposals = Proposals()
        let (first, second) = (try unit("10.0.0.1"), try unit("10.0.0.2"))
        proposals.add(first, at: .zero)
        #expect(proposals.next(at: .zero) == [first])
        proposals.add(second, at: .zero)
        #expect(proposals.next(at: .zero) == nil)
        proposals.finished(.retry(reason: "500", after: nil), random: 1, at: .zero)
        #expect(proposals.resumesAt == .seconds(1))
        #expect(proposals.next(at: .milliseconds(999)) == nil)
        #expect(proposals.next(at: .seconds(1)) == [first, second])
        proposals.finished(.retry(reason: "503", after: .seconds(30)), random: 1, at: .seconds(1))
        #expect(proposals.resumesAt == .seconds(31))
        #expect(proposals.next(at: .seconds(31)) == [first, second])
        proposals.finished(.unsupported, random: 1, at: .seconds(31))
        #expect(proposals.resumesAt == .seconds(3631))
        #expect(told(&proposals, at: .seconds(3631)) == [first, second])
        #expect(proposals.resumesAt == nil)
    }

    @Test("WH-008: what changes while it is told is told once more, and a request has at most a hundred")
    func batches() throws {
        var proposals = Proposals()
        let units = try (1...150).map { try unit("10.0.1.\($0)", .unknown) }
        for unit in units { proposals.add(unit, at: .zero) }
        #expect(proposals.next(at: .zero) == Array(units.prefix(100)))
        proposals.add(try unit("10.0.1.1", .read), at: .zero)
        proposals.finished(.accepted, random: 1, at: .zero)
        #expect(told(&proposals, at: .zero) == Array(units.dropFirst(100)) + [try unit("10.0.1.1", .read)])
        #expect(told(&proposals, at: .zero) == nil)
    }

    @Test("WH-008: what the dashboard refuses is not told again that day")
    func refused() throws {
        var proposals = Proposals()
        proposals.add(try unit("10.0.0.1"), at: .zero)
        #expect(proposals.next(at: .zero)?.count == 1)
        proposals.finished(.rejected(reason: "422"), random: 1, at: .zero)
        proposals.add(try unit("10.0.0.1"), at: .seconds(1))
        #expect(proposals.next(at: .seconds(1)) == nil)
    }
}
