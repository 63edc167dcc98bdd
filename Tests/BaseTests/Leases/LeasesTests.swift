import AsyncHTTPClient
import Foundation
import Logging
import NIOPosix
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Base

/// Leases with a real etcd in this process. The lease is long: were it not renewed, the kernel would end the tests.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason)) struct LeasesTests
{
    private let addresses = (1...3).map { IPv4Address(bits: 0x7F4F_0500 + UInt32($0)) }

    /// Runs `body` beside a base's units and its leases.
    private func withLeases(
        connectionLimit: Int = .max,
        _ body: (_ leases: Leases, _ units: Units, _ etcd: EtcdClient) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let peer = try PythonPeer.start("etcd.py", [directory.path])
            let url = try await peer.readyLine(within: .seconds(60))
            let configuration = try Configuration(
                json: """
                    {"clients": ["127.79.5.1", "127.79.5.2"], "allow": ["127.79.5.0/24"],
                     "api": {"url": "http://127.0.0.1:1", "token": "t"}, "pusher": {"app-key": "k", "host": "127.0.0.1"},
                     "units": {"stagger": "0s", "period": "1h", "backoff-min": "10ms", "backoff-max": "50ms"},
                     "cluster": {"etcd": ["\(url)"], "name": "me", "lease": "10m"}}
                    """)
            let cluster = try #require(configuration.cluster)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let http = HTTPClient(eventLoopGroupProvider: .singleton)
            let units = Units(
                configuration: configuration, connectionLimit: connectionLimit, isLeased: true,
                group: .singletonMultiThreadedEventLoopGroup, logger: logger, deliver: { _, _ in })
            let leases = try Leases(
                settings: cluster, wanted: configuration.clients, http: http, units: units, logger: logger)
            let group = ServiceGroup(services: [units, leases], logger: logger)
            let run = Task { try await group.run() }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(leases, units, EtcdClient(http: http, settings: cluster)))
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await run.value
            try await http.shutdown()
            await peer.stop(within: .seconds(10))
            try result.get()
        }
    }

    private func connected(_ units: Units) async -> [IPv4Address] {
        await units.status().filter { $0.state == .connected && $0.token != nil }.map(\.address)
    }

    @Test(
        "what is to be read can change; a unit that stays keeps its token and its connection, and what is left is given up"
    )
    func changes() async throws {
        let listening = try addresses.map { try ListeningUnit($0) }
        try await withLeases { leases, units, etcd in
            try await eventually("two units", within: .seconds(60)) {
                await connected(units) == Array(addresses.prefix(2))
            }
            let token = await units.status()[1].token
            await leases.setWanted(Array(addresses.suffix(2)))
            try await eventually("two others", within: .seconds(60)) {
                await connected(units) == Array(addresses.suffix(2))
            }
            try await eventually("the key is deleted", within: .seconds(60)) {
                try await etcd.pairs(under: "/iot-base/units/", limit: 9).pairs.map(\.key)
                    == addresses.suffix(2).map { "/iot-base/units/\($0)" }
            }
            #expect(await units.status()[0].token == token)
            #expect(await leases.state == .holding(units: 2))
            #expect(listening.map(\.connections) == [1, 1, 1])
        }
        for unit in listening { unit.close() }
    }

    @Test("a unit for which there is no connection left is nobody's, and had when there is one again")
    func noRoom() async throws {
        let listening = try addresses.map { try ListeningUnit($0) }
        try await withLeases(connectionLimit: 17) { leases, units, etcd in
            try await eventually("the first alone", within: .seconds(60)) {
                let keys = try await etcd.pairs(under: "/iot-base/units/", limit: 9).pairs.map(\.key)
                let isSettled = await leases.isSettled
                return await connected(units) == [addresses[0]] && isSettled
                    && keys == ["/iot-base/units/\(addresses[0])"]
            }
            #expect(throws: UnitsError.tooMany(units: 3, limit: 1)) { try units.checkRoom(for: addresses) }
            await leases.setWanted([addresses[1]])
            try await eventually("the second alone", within: .seconds(60)) {
                await connected(units) == [addresses[1]]
            }
        }
        for unit in listening { unit.close() }
    }

    @Test("a unit whose key somebody deletes is dropped, and had anew under a greater token")
    func taken() async throws {
        let listening = try ListeningUnit(addresses[0])
        try await withLeases { leases, units, etcd in
            try await eventually("the unit", within: .seconds(60)) { await connected(units) == [addresses[0]] }
            let token = try #require(await units.status()[0].token)
            try await etcd.delete([("/iot-base/units/\(addresses[0])", token)])
            let next = try await eventually("the unit again", within: .seconds(60)) {
                await connected(units) == [addresses[0]] && listening.connections == 2
                    ? await units.status()[0].token : nil
            }
            #expect(next > token)
        }
        listening.close()
    }

    @Test("a unit of another base gets no command from this one; one of nobody does, and is given up then")
    func commands() async throws {
        let lamp = try ListeningUnit(addresses[2])
        try await withLeases { leases, units, etcd in
            func send(_ address: IPv4Address) async -> CommandResult {
                await withCheckedContinuation { continuation in
                    do {
                        let command = try Command(payload: "red")
                        leases.send(command, to: address) { continuation.resume(returning: $0) }
                    } catch {
                        Issue.record(error)
                        continuation.resume(returning: .failed(.stopping))
                    }
                }
            }
            try await eventually("a lease", within: .seconds(60)) { await leases.view != nil }
            #expect(await send(addresses[2]) == .acknowledged)
            lamp.hangUp()
            try await eventually("the lamp's key is gone", within: .seconds(60)) {
                try await etcd.pairs(under: "/iot-base/units/", limit: 9).pairs.map(\.key).sorted()
                    == addresses.prefix(2).map { "/iot-base/units/\($0)" }
            }
            let (other, _) = try await etcd.grant(ttl: 600)
            let foreign = IPv4Address(bits: addresses[2].bits + 1)
            _ = try await etcd.create("/iot-base/units/\(foreign)", "other", lease: other)
            try await eventually("it is seen", within: .seconds(60)) { await leases.view?.units[foreign] != nil }
            #expect(await send(foreign) == .failed(.elsewhere))
            #expect(await send(try IPv4Address("127.79.6.1")) == .failed(.notAllowed))
        }
        lamp.close()
    }

    @Test("a base whose name another one has waits, and says so")
    func names() async throws {
        try await withLeases { leases, units, etcd in
            try await eventually("a lease", within: .seconds(60)) { await leases.view != nil }
            let (other, _) = try await etcd.grant(ttl: 600)
            let own = try #require(try await etcd.pairs(under: "/iot-base/bases/", limit: 9).pairs.first)
            try await etcd.delete([(own.key, own.createRevision)])
            _ = try await etcd.create(own.key, "", lease: other)
            try await eventually("it is told", within: .seconds(60)) {
                await leases.state == .waiting("\(LeaseError.nameTaken("me"))")
            }
            try await etcd.revoke(other)
            try await eventually("it is back", within: .seconds(60)) {
                if case .holding = await leases.state { true } else { false }
            }
        }
    }
}
