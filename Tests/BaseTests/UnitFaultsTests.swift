import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Base

/// Units as an actor, met by units that vanish, flap or talk too much on addresses of their own.
@Suite(.timeLimit(.minutes(5))) struct UnitFaultsTests {
    /// What was delivered, by unit.
    private final class Delivered: Sendable {
        private let lines = Mutex([IPv4Address: [String]]())

        func take(_ unit: IPv4Address, _ measurement: Measurement) {
            lines.withLock { $0[unit, default: []].append(measurement.text) }
        }

        subscript(_ unit: IPv4Address) -> [String] { lines.withLock { $0[unit] ?? [] } }
    }

    /// Runs `body` beside a base's units, then stops them.
    private func withUnits(
        _ clients: [IPv4Address], units: String, commands: String = #""timeout": "1h""#, onDemandLimit: Int = 16,
        _ body: (Units, Delivered) async throws -> Void
    ) async throws {
        let list = clients.map { #""\#($0)""# }.joined(separator: ", ")
        let configuration = try Configuration(
            json: """
                {"clients": [\(list)], "allow": ["127.79.2.0/24"], "api": {"url": "http://127.0.0.1:1", "token": "t"},
                 "pusher": {"app-key": "k", "host": "127.0.0.1"}, "commands": {\(commands)},
                 "units": {"stagger": "0s", "backoff-min": "10ms", "backoff-max": "50ms", \(units)}}
                """)
        let delivered = Delivered()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let running = Units(
            configuration: configuration, onDemandLimit: onDemandLimit, group: .singletonMultiThreadedEventLoopGroup,
            logger: logger,
            deliver: { delivered.take($0, $1) })
        let run = Task { try await running.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(running, delivered))
        } catch {
            result = .failure(error)
        }
        run.cancel()
        try await run.value
        try result.get()
    }

    @Test("a unit that vanishes while a command waits is left when TCP had no acknowledgement for the user time-out")
    func vanishesUnderACommand() async throws {
        let address = try IPv4Address("127.79.2.1")
        let unit = try ListeningUnit(address, greeting: "1\n")
        try await withUnits([address], units: #""period": "1h", "keepalive-idle": "1h", "user-timeout": "1s""#) {
            units, delivered in
            try await eventually("the first line", within: .seconds(60)) { delivered[address] == ["1"] }
            try unit.vanish()
            let results = Mutex([CommandResult]())
            units.send(try Command(payload: "red"), to: address) { result in results.withLock { $0.append(result) } }
            try await eventually("the command's end", within: .seconds(60)) { results.withLock { !$0.isEmpty } }
            guard case .failed(.connectionLost(let reason))? = results.withLock({ $0.first }) else {
                Issue.record("\(results.withLock { $0 })")
                return
            }
            #expect(reason.contains("Connection timed out"))
            try await eventually("the next connection", within: .seconds(60)) { delivered[address] == ["1", "1"] }
            units.send(try Command(payload: "blue"), to: address) { result in results.withLock { $0.append(result) } }
            try await eventually("the next command", within: .seconds(60)) {
                results.withLock { $0.last == .acknowledged }
            }
        }
        unit.close()
    }

    @Test("a unit that vanishes while nothing is sent is left when TCP's questions have no answer")
    func vanishesInSilence() async throws {
        let address = try IPv4Address("127.79.2.2")
        let unit = try ListeningUnit(address, greeting: "1\n")
        let settings = #""period": "1h", "keepalive-idle": "1s", "keepalive-interval": "1s", "user-timeout": "1s""#
        try await withUnits([address], units: settings) { units, delivered in
            try await eventually("the first line", within: .seconds(60)) { delivered[address] == ["1"] }
            try unit.vanish()
            try await eventually("the next connection", within: .seconds(60)) { delivered[address] == ["1", "1"] }
            let status = try #require(await units.status().first)
            #expect(status.lastReason?.contains("Connection timed out") == true)
            #expect(status.state == .connected && status.counts == UnitCounts(lines: 2, bytes: 4, reconnects: 1))
        }
        unit.close()
    }

    @Test("a unit that says ten thousand lines and goes is read at its rate, and no line is lost")
    func talkative() async throws {
        let (talker, other) = (try IPv4Address("127.79.2.3"), try IPv4Address("127.79.2.4"))
        let lines = (0..<10_000).map(String.init)
        let loud = try ListeningUnit(talker, greeting: lines.map { $0 + "\n" }.joined())
        let quiet = try ListeningUnit(other, greeting: "1\n")
        let began = ContinuousClock.now
        try await withUnits([talker, other], units: #""rate": 2000, "burst": 10, "period": "1h""#) { units, delivered in
            try await eventually("a pause", within: .seconds(60)) {
                await units.status().first?.counts.throttled ?? 0 > 0
            }
            try await eventually("the other unit", within: .seconds(60)) { delivered[other] == ["1"] }
            quiet.say("2\n")
            try await eventually("the other's line", within: .seconds(60)) { delivered[other] == ["1", "2"] }
            try await eventually("all lines", within: .seconds(60)) { delivered[talker].count >= lines.count }
            #expect(delivered[talker] == lines)
            // All but a burst and the last read are paid for.
            #expect(ContinuousClock.now - began > .seconds(4))
            let totals = await units.survey().totals
            #expect(totals.states == [.connected: 2])
            #expect(totals.counts.lines == 10_002 && totals.counts.throttled >= 2)
        }
        loud.close()
        quiet.close()
    }

    @Test("a unit that hangs up again and again is in quarantine, and free when a probe stands")
    func flapping() async throws {
        let address = try IPv4Address("127.79.2.5")
        let unit = try ListeningUnit(address, greeting: "1\n")
        let settings =
            #""flap-count": 3, "flap-time": "1h", "probe-period": "500ms", "steady-time": "1s", "period": "1h""#
        try await withUnits([address], units: settings) { units, delivered in
            for count in 1...3 {
                try await eventually("connection \(count)", within: .seconds(60)) { delivered[address].count == count }
                unit.hangUp()
            }
            try await eventually("the quarantine", within: .seconds(60)) {
                await units.status().first?.state == .quarantined
            }
            try await eventually("a probe that stands", within: .seconds(60)) {
                await units.status().first?.state == .connected
            }
            let status = try #require(await units.status().first)
            #expect(status.counts == UnitCounts(lines: 4, bytes: 8, reconnects: 3))
            #expect(status.lastReason == "the unit closed the connection")
        }
        unit.close()
    }

    @Test("sixty units are dialled at the start rate")
    func startRate() async throws {
        let addresses = (1...60).map { IPv4Address(bits: 0x7F4F_0300 + UInt32($0)) }
        let listening = try addresses.map { try ListeningUnit($0) }
        let began = ContinuousClock.now
        try await withUnits(addresses, units: #""start-rate": 20, "period": "1h""#) { units, _ in
            try await eventually("all units", within: .seconds(60)) { listening.allSatisfy { $0.connections >= 1 } }
            // Two may begin at once; each other one waits its twentieth of a second.
            #expect(ContinuousClock.now - began >= .milliseconds(58 * 50))
            try await eventually("their states", within: .seconds(60)) {
                await units.survey().totals.states == [.connected: 60]
            }
        }
        for unit in listening { unit.close() }
    }

    @Test("what a lamp said that is forgotten since still counts in the sums")
    func forgotten() async throws {
        let addresses = [try IPv4Address("127.79.2.6"), try IPv4Address("127.79.2.7")]
        let lamps = try addresses.map { try ListeningUnit($0, greeting: "12\n") }
        try await withUnits([], units: #""period": "1h""#, commands: #""dwell": "3s""#, onDemandLimit: 1) { units, _ in
            for (index, address) in addresses.enumerated() {
                let result = Mutex(CommandResult?.none)
                units.send(try Command(payload: "red"), to: address) { end in result.withLock { $0 = end } }
                try await eventually("the command's end", within: .seconds(60)) { result.withLock { $0 != nil } }
                #expect(result.withLock { $0 } == .acknowledged)
                try await eventually("an idle lamp", within: .seconds(60)) {
                    await units.survey().totals.states == [.idle: 1]
                }
                #expect(await units.status().map(\.address) == [address])
                #expect(await units.survey().totals.counts == UnitCounts(bytes: 3 * (index + 1)))
            }
        }
        for lamp in lamps { lamp.close() }
    }
}
