import Foundation
import Synchronization
import UnitProtocol

/// All parts of one attempt at a case: units, hub, base, and the cables between them.
final class Stage: Sendable {
    let bench: Bench
    let units: [String: any UnitDriver]
    let kinds: [String: UnitKind]
    let hub: HubPart
    let base: BasePart
    /// Between the base and each unit that has a network.
    private let cables: [String: Cable]
    private let upper = Mutex<(dashboard: Cable, broker: Cable)?>(nil)
    private let clients = Mutex<[String: RawClient]>([:])
    /// Up to where steps have read what a speaker has said.
    private let marks = Mutex<[String: Int]>([:])

    private let unended = Mutex<[String]>([])

    static let loopback = IPv4Address(bits: 0x7F00_0001)

    /// - Throws: ``HILError/infrastructure(_:)``.
    init(_ given: [GivenUnit], boards: [String: RigBoard], rig: RigFile, bench: Bench) async throws {
        self.bench = bench
        var units: [String: any UnitDriver] = [:]
        var kinds: [String: UnitKind] = [:]
        var cables: [String: Cable] = [:]
        do {
            for unit in given {
                guard let board = boards[unit.name] else { continue }
                let name = unit.name
                let driver = try Self.driver(of: board, unit: name, bench: bench)
                units[name] = driver
                kinds[name] = board.kind
                guard let place = driver.place else { continue }
                cables[name] = try bench.addresses.listening { address in
                    try Cable(at: address, port: UnitPort.firmware, to: place) { bench.tell(.network, name, $0) }
                }
            }
        } catch {
            // Each has a thread, which ends with it, and an address that the next case may take.
            for cable in cables.values { await cable.end() }
            throw error
        }
        self.units = units
        self.kinds = kinds
        self.cables = cables
        hub = HubPart(bench: bench, rig: rig.hub, units: cables.keys.sorted())
        base = BasePart(bench: bench, rig: rig.base)
    }

    private static func driver(of board: RigBoard, unit: String, bench: Bench) throws -> any UnitDriver {
        switch board.driver {
        case .simulated, .firmwareHost, .command: try ProcessUnit(board, unit: unit, bench: bench)
        case .virtualBoard: VirtualBoardUnit(board, unit: unit, bench: bench)
        case .serial: SerialUnit(board, unit: unit, bench: bench)
        }
    }

    /// Sees that all boards are there and run.
    func begin() async throws {
        try await withThrowingTaskGroup { group in
            for unit in units.values { group.addTask { try await unit.begin() } }
            try await group.waitForAll()
        }
    }

    func unit(_ name: String) throws -> any UnitDriver {
        guard let unit = units[name] else { throw HILError.failed("there is no unit \(name)") }
        return unit
    }

    func cable(to name: String) -> Cable? { cables[name] }

    func cable(_ link: Step.Link) throws -> Cable {
        switch link {
        case .unit(let name):
            guard let cable = cables[name] else { throw HILError.failed("\(name) has no network") }
            return cable
        case .dashboard, .broker:
            guard let upper = upper.withLock(\.self) else {
                throw HILError.failed("there is no hub yet; start: hub stands before its network")
            }
            return link == .broker ? upper.broker : upper.dashboard
        }
    }

    // MARK: Hub and base

    func startHub() async throws {
        let devices = cables.sorted { $0.key < $1.key }.map { name, cable in
            (name: name, kind: kinds[name] ?? .read, address: cable.address)
        }
        try await hub.start(devices)
        guard upper.withLock({ $0 == nil }) else { return }
        let place = (address: Self.loopback, port: await hub.port)
        let bench = bench
        let dashboard = try Cable(at: Self.loopback, port: 0, to: place) { bench.tell(.network, "dashboard", $0) }
        do {
            let broker = try Cable(at: Self.loopback, port: 0, to: place) { bench.tell(.network, "broker", $0) }
            upper.withLock { $0 = (dashboard, broker) }
        } catch {
            await dashboard.end()
            throw error
        }
    }

    func startBase() async throws {
        guard let upper = upper.withLock(\.self) else {
            throw HILError.failed("the base wants a hub; start: hub stands before start: base")
        }
        let places = BasePart.Places(
            clients: cables.filter { kinds[$0.key] == .read }.map(\.value.address).sorted(),
            units: cables.values.map(\.address).sorted(),
            dashboard: (upper.dashboard.address, upper.dashboard.port),
            broker: (upper.broker.address, upper.broker.port),
            token: await hub.baseToken, appKey: await hub.appKey)
        try await base.start(places)
    }

    // MARK: What goes wrong by itself

    /// The parts that have ended, or are gone, though no step has asked for it; none while all is well.
    ///
    /// - Parameter hasFailed: Whether a step has failed: then what is looked at only for that is there as well.
    func troubles(hasFailed: Bool = false) async -> [HILError] {
        var troubles = [await base.trouble(), await hub.trouble()]
        for (_, unit) in units.sorted(by: { $0.key < $1.key }) {
            troubles.append(await unit.trouble())
            if hasFailed { troubles.append(await unit.absence()) }
        }
        return troubles.compactMap(\.self)
    }

    // MARK: What was read

    /// What the hub has of a unit.
    ///
    /// - Throws: ``HILError/failed(_:)`` where it can have nothing of it.
    func measurements(of unit: String) throws -> Heard<HubMeasurement> {
        guard let heard = hub.measurements[unit] else { throw HILError.failed("the hub does not know \(unit)") }
        guard kinds[unit] == .read else {
            throw HILError.failed("\(unit) is a lamp, of which the hub never has a measurement")
        }
        return heard
    }

    func mark(_ speaker: String) -> Int { marks.withLock { $0[speaker] ?? 0 } }

    func setMark(_ speaker: String, _ place: Int) { marks.withLock { $0[speaker] = place } }

    // MARK: Clients

    func add(_ client: RawClient, as name: String) {
        clients.withLock { clients in
            clients[name]?.close(with: .end)
            clients[name] = client
        }
    }

    func client(_ name: String) throws -> RawClient {
        guard let client = clients.withLock({ $0[name] }) else {
            throw HILError.failed("there is no client \(name); connect makes one")
        }
        return client
    }

    /// What has not come to its end yet, once that has begun.
    var ending: [String] { unended.withLock(\.self) }

    private func ends<Value>(_ name: String, _ end: () async throws -> Value) async rethrows -> Value {
        unended.withLock { $0.append(name) }
        defer { unended.withLock { $0.removeAll { $0 == name } } }
        return try await end()
    }

    /// Ends all, the base first, so that it can still deliver what it has; each within its own time.
    ///
    /// - Returns: What has not ended as it should, or was gone before.
    func end() async -> [HILError] {
        for client in clients.withLock({ Array($0.values) }) { client.close(with: .end) }
        var troubles: [HILError] = []
        for (name, stop) in [("base", base.end), ("hub", hub.end)] {
            do {
                try await ends(name, stop)
            } catch {
                troubles.append(error as? HILError ?? .infrastructure("\(error)"))
            }
        }
        troubles += await withTaskGroup(of: [HILError].self) { group in
            for (name, unit) in units {
                group.addTask { await self.ends(name) { await unit.end() } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for cable in cables.values { await cable.end() }
        if let upper = upper.withLock(\.self) {
            await upper.dashboard.end()
            await upper.broker.end()
        }
        return troubles
    }
}
