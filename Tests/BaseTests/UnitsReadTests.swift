import Logging
import NIOPosix
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Base

/// Units of real sockets whose reading begins and ends while the base runs.
@Suite(.serialized, .timeLimit(.minutes(5))) struct UnitsReadTests {
    private let addresses = (1...3).map { IPv4Address(bits: 0x7F4F_0400 + UInt32($0)) }
    private let heard = Heard()

    private final class Heard: Sendable {
        let lines = Mutex([IPv4Address: [String]]())

        func take(_ unit: IPv4Address, _ measurement: Measurement) {
            lines.withLock { $0[unit, default: []].append(measurement.text) }
        }

        var all: [IPv4Address: [String]] { lines.withLock { $0 } }
    }

    private func make(connectionLimit: Int = .max) throws -> Units {
        let configuration = """
            {"clients": ["127.79.4.1", "127.79.4.2"], "allow": [], "api": {"url": "http://127.0.0.1:1", "token": "t"},
             "pusher": {"app-key": "k", "host": "127.0.0.1"},
             "units": {"stagger": "0s", "period": "1h", "backoff-min": "10ms", "backoff-max": "50ms"}}
            """
        return Units(
            configuration: try Configuration(json: configuration), connectionLimit: connectionLimit,
            group: .singletonMultiThreadedEventLoopGroup,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            deliver: { [heard] in heard.take($0, $1) })
    }

    @Test(
        "reading moves from one unit to another; the one that stays keeps its connection, and the sums do not decrease")
    func moves() async throws {
        let listening = try addresses.map { try ListeningUnit($0, greeting: "1\n") }
        let units = try make()
        let run = Task { try await units.run() }
        let (first, second, third) = (addresses[0], addresses[1], addresses[2])
        try await eventually("two greetings", within: .seconds(60)) { heard.all == [first: ["1"], second: ["1"]] }

        try await units.setRead([second, third])
        try await eventually("the third's greeting", within: .seconds(60)) { heard.all[third] == ["1"] }
        listening[1].say("2\n")
        try await eventually("the second's line", within: .seconds(60)) { heard.all[second] == ["1", "2"] }
        listening[0].hangUp()
        try await eventually("the first is forgotten", within: .seconds(60)) {
            await units.status().map(\.address) == [second, third]
        }
        #expect(listening.map(\.connections) == [1, 1, 1])
        #expect(await units.survey().totals.counts.lines == 4)

        run.cancel()
        try await run.value
        for unit in listening { unit.close() }
    }

    @Test("the end of a unit waits until its socket is closed; what is read again then has a new connection")
    func ends() async throws {
        let listening = try ListeningUnit(addresses[0], greeting: "1\n")
        let units = try make()
        let run = Task { try await units.run() }
        try await eventually("the greeting", within: .seconds(60)) { heard.all[addresses[0]] == ["1"] }

        // This unit never closes its side.
        await units.end(addresses[0], within: .milliseconds(200))
        #expect(try await onThread { listening.isReset() })
        #expect(await units.status().map(\.address) == [addresses[1]])
        try await units.setRead([addresses[0]])
        try await eventually("a second greeting", within: .seconds(60)) { heard.all[addresses[0]] == ["1", "1"] }
        await units.endAll(within: .zero)
        #expect(await units.status() == [])

        run.cancel()
        try await run.value
        listening.close()
    }

    @Test("more units than there are descriptors are refused, and nothing changes")
    func tooMany() async throws {
        let units = try make(connectionLimit: 18)
        let error = await #expect(throws: UnitsError.self) { try await units.setRead(addresses) }
        #expect(
            error.map { "\($0)" }
                == "3 units are to be read, but this process may open connections to 2 only; raise the hard limit "
                + "(ulimit -Hn, or LimitNOFILE= of the service) and start it anew")
        #expect(await units.status().map(\.address) == Array(addresses.prefix(2)))
    }

    @Test("a configuration that cannot be read wholly changes nothing of what is listed, read and allowed")
    func adoptsWhollyOrNot() async throws {
        let units = try make(connectionLimit: 18)
        func clients(_ list: String) throws -> Configuration {
            try Configuration(
                json: """
                    {"clients": [\(list)], "allow": [], "api": {"url": "http://127.0.0.1:1", "token": "t"},
                     "pusher": {"app-key": "k", "host": "127.0.0.1"}}
                    """)
        }
        func state() async -> [[Bool]] {
            let read = await units.status().map(\.address)
            return addresses.map { [units.lists($0), units.allows($0), read.contains($0)] }
        }
        let (all, none) = ([true, true, true], [false, false, false])
        let many = try clients(#""127.79.4.1", "127.79.4.2", "127.79.4.3""#)
        await #expect(throws: UnitsError.tooMany(units: 3, limit: 2)) { try await units.adopt(many, leases: nil) }
        #expect(await state() == [all, all, none])
        try await units.adopt(try clients(#""127.79.4.3""#), leases: nil)
        try await eventually("the others are forgotten", within: .seconds(60)) { await state() == [none, none, all] }
    }

    @Test("when all units are left, an attempt to find one ends too, before that is done")
    func endsProbes() async throws {
        let units = try make()
        let isUnderWay = Mutex(false)
        let hasEnded = Mutex(false)
        let probe = Task {
            await units.probe(addresses[2]) {
                isUnderWay.withLock { $0 = true }
                try? await Task.sleep(for: .seconds(3600))
                hasEnded.withLock { $0 = true }
                return nil
            }
        }
        try await eventually("the attempt", within: .seconds(60)) { isUnderWay.withLock(\.self) }
        await units.endAll(within: .zero)
        #expect(hasEnded.withLock { $0 })
        probe.cancel()
        #expect(await probe.value == nil)
    }

    @Test("what may be sent commands can change")
    func allows() async throws {
        let units = try make()
        let run = Task { try await units.run() }
        units.setAllowed(AllowedAddresses(listed: [], networks: []))
        let result = await withCheckedContinuation { continuation in
            do {
                let command = try Command(payload: "red")
                units.send(command, to: addresses[0]) { continuation.resume(returning: $0) }
            } catch {
                Issue.record(error)
                continuation.resume(returning: .acknowledged)
            }
        }
        #expect(result == .failed(.notAllowed))
        run.cancel()
        try await run.value
    }
}
