import Testing
import UnitProtocol

@testable import Base

/// Units that fall silent, flap or talk too much, in virtual time.
@Suite struct UnitSessionFaultTests {
    private func make(
        isRead: Bool = true, change: (inout UnitSettings) -> Void = { _ in },
        dial: @escaping @Sendable (Duration) -> Duration = { $0 }
    ) -> UnitSession {
        var unit = UnitSettings()
        unit.stagger = .zero
        change(&unit)
        return UnitSession(isRead: isRead, unit: unit, commands: CommandSettings(), random: { 0.5 }, dial: dial)
    }

    /// A session that is open at the time nought.
    private func opened(_ change: (inout UnitSettings) -> Void = { _ in }) -> UnitSession {
        var session = make(change: change)
        #expect(session.on(.start, at: .zero) == [.connect])
        #expect(session.on(.opened, at: .zero).first == .connected)
        return session
    }

    private func line(_ session: inout UnitSession, at now: Duration) -> [UnitSession.Action] {
        session.on(.received(Array("1\n".utf8)), at: now)
    }

    /// The unit's address in a status; it has no other meaning here.
    private let address = IPv4Address(bits: 0x0A00_0001)

    // MARK: Silence

    @Test("a unit whose lines came every second is given up after five, though the configuration allows five minutes")
    func learnedSilence() {
        var session = opened { $0.period = .seconds(60) }
        for second in 1...9 { _ = line(&session, at: .seconds(second)) }
        #expect(session.status(of: address).period == .seconds(1))
        #expect(session.on(.wake, at: .milliseconds(13_999)).last == .wake(at: .seconds(14)))
        #expect(
            session.on(.wake, at: .seconds(14)) == [
                .lost("silent for 5s, and its lines came every 1s"), .abort,
            ])
    }

    @Test("what was learned outlasts the connection; the time without one is no pause")
    func learnedAcrossConnections() {
        var session = opened { $0.period = .seconds(60) }
        for second in 1...9 { _ = line(&session, at: .seconds(second)) }
        _ = session.on(.closed("reset"), at: .seconds(10))
        _ = session.on(.wake, at: .seconds(11))
        _ = session.on(.opened, at: .seconds(200))
        _ = line(&session, at: .seconds(201))
        #expect(session.status(of: address).period == .seconds(1))
        #expect(session.on(.wake, at: .seconds(206)).contains(.abort))
    }

    @Test("a unit that speaks more slowly than in its first burst is cut once, and then heard")
    func burstFirst() {
        var session = opened { $0.period = .seconds(60) }
        for read in 1...20 { _ = line(&session, at: .milliseconds(read * 20)) }
        #expect(session.on(.wake, at: .milliseconds(3400)).contains(.abort))
        _ = session.on(.closed("aborted"), at: .seconds(4))
        _ = session.on(.wake, at: .seconds(5))
        _ = session.on(.opened, at: .seconds(6))
        for second in stride(from: 10, through: 200, by: 10) {
            #expect(session.on(.wake, at: .seconds(second - 1)).contains(.abort) == false)
            _ = line(&session, at: .seconds(second))
        }
        #expect(session.status(of: address).period == .seconds(10))
    }

    @Test("a base that stood still itself blames no unit: the silence begins anew")
    func ownStall() {
        var session = opened()
        for second in 1...9 { _ = line(&session, at: .seconds(second)) }
        #expect(session.on(.wake, at: .seconds(600)) == [.wake(at: .seconds(605))])
        #expect(session.on(.wake, at: .seconds(605)).contains(.abort))
    }

    // MARK: Flapping

    /// A session with a clock that gives it its wakes.
    private struct Drive {
        var session: UnitSession
        var now = Duration.zero
        var alarm: Duration?
        /// What the session did, and when; wakes left out.
        var done: [(at: Duration, action: UnitSession.Action)] = []

        mutating func feed(_ input: UnitSession.Input) {
            for action in session.on(input, at: now) {
                if case .wake(let moment) = action { alarm = moment } else { done.append((now, action)) }
            }
        }

        /// Lets time pass up to `end`.
        mutating func pass(to end: Duration) {
            while let alarm, alarm <= end {
                now = max(now, alarm)
                self.alarm = nil
                feed(.wake)
            }
            now = end
        }

        func moments(of action: UnitSession.Action) -> [Duration] {
            done.filter { $0.action == action }.map(\.at)
        }
    }

    @Test("the third loss within a minute puts a unit into quarantine, once; it is probed, and a steady probe ends it")
    func quarantine() throws {
        var drive = Drive(
            session: make { unit in
                unit.flaps.count = 3
                unit.flaps.probePeriod = .seconds(20)
                unit.flaps.steadyTime = .seconds(10)
            })
        drive.feed(.start)
        // Each connection brings a line and lives a second.
        for _ in 0..<5 {
            drive.feed(.opened)
            drive.feed(.received(Array("1\n".utf8)))
            drive.pass(to: drive.now + .seconds(1))
            drive.feed(.closed("reset"))
            let connects = drive.moments(of: .connect).count
            while drive.moments(of: .connect).count == connects { drive.pass(to: try #require(drive.alarm)) }
        }
        let connects: [Double] = [0, 1.375, 2.75, 23.75, 44.75, 65.75]
        #expect(drive.moments(of: .connect) == connects.map { Duration.seconds($0) })
        #expect(drive.moments(of: .quarantined) == [.seconds(3.75)])
        #expect(drive.moments(of: .deliver(try Measurement("1"))).count == 5)
        let probed = drive.session.status(of: address)
        #expect(probed.state == .quarantined && probed.since == .seconds(3.75))

        drive.feed(.opened)
        for _ in 0..<11 {
            drive.feed(.received(Array("1\n".utf8)))
            drive.pass(to: drive.now + .seconds(1))
        }
        #expect(drive.moments(of: .released) == [.seconds(75.75)])
        drive.feed(.closed("gone"))
        let status = drive.session.status(of: address)
        #expect(status.state == .waiting && status.counts.reconnects == 5 && status.lastReason == "gone")
        drive.pass(to: .seconds(78))
        #expect(drive.moments(of: .connect).last == .seconds(77.125), "an ordinary pause again")
    }

    @Test("attempts that fail are no losses: a unit that is away is tried with growing pauses, not put into quarantine")
    func awayIsNotFlapping() {
        var session = make { $0.flaps.count = 2 }
        _ = session.on(.start, at: .zero)
        var now = Duration.zero
        for _ in 0..<20 {
            guard case .wake(let moment)? = session.on(.failed("refused"), at: now).last else {
                Issue.record("no wake after the failure at \(now)")
                return
            }
            now = moment
            #expect(session.on(.wake, at: now).contains(.connect))
        }
        #expect(session.status(of: address).state == .connecting)
    }

    @Test("a command does not wait for the next probe")
    func commandInQuarantine() throws {
        var session = make { $0.flaps.count = 1 }
        _ = session.on(.start, at: .zero)
        _ = session.on(.opened, at: .zero)
        #expect(session.on(.closed("reset"), at: .seconds(1)).contains(.quarantined))
        #expect(session.on(.command(id: 1, try Command(payload: "red")), at: .seconds(2)).contains(.connect))
    }

    // MARK: Talking too much

    @Test("a unit above its rate is not read until its debt is paid; all its lines are delivered")
    func throttled() throws {
        var session = opened { ($0.lineRate, $0.lineBurst) = (10, 5) }
        let burst = Array(String(repeating: "7\n", count: 15).utf8)
        let actions = session.on(.received(burst), at: .seconds(1))
        #expect(
            actions == Array(repeating: .deliver(try Measurement("7")), count: 15) + [
                .pauseReading, .wake(at: .seconds(2)),
            ])
        #expect(session.on(.wake, at: .seconds(2)).first == .resumeReading)
        #expect(session.status(of: address).counts == UnitCounts(lines: 15, bytes: 30, throttled: 1))
    }

    @Test("bytes that end no line count as well, so that noise is slowed down too")
    func throttledNoise() {
        var session = opened { ($0.lineRate, $0.lineBurst, $0.lineLimit) = (1, 1, 10) }
        #expect(session.on(.received([UInt8](repeating: 65, count: 50)), at: .seconds(1)).contains(.pauseReading))
        let status = session.status(of: address)
        #expect(status.counts == UnitCounts(bytes: 50, malformed: [.tooLong: 1], throttled: 1))
    }

    @Test("a unit that is not read is not silent")
    func pausedIsNotSilent() {
        var session = opened { ($0.lineRate, $0.lineBurst) = (1, 1) }
        _ = session.on(.received(Array(String(repeating: "7\n", count: 31).utf8)), at: .seconds(1))
        #expect(session.on(.wake, at: .seconds(5)) == [.wake(at: .seconds(31))])
        #expect(session.on(.wake, at: .seconds(31)) == [.resumeReading, .wake(at: .seconds(36))])
        #expect(session.on(.wake, at: .seconds(36)).contains(.abort))
    }

    @Test("a line may be as long as the configuration says; what is malformed is counted by its reason")
    func lineLimit() throws {
        var session = opened { $0.lineLimit = 8 }
        let actions = session.on(.received(Array("12345678\n123456789\n\n\u{7}\n\u{7}\n".utf8)), at: .seconds(1))
        #expect(
            actions.prefix(5) == [
                .deliver(try Measurement("12345678")), .malformed(.tooLong), .malformed(.empty),
                .malformed(.controlCharacter), .malformed(.controlCharacter),
            ])
        #expect(
            session.status(of: address).counts
                == UnitCounts(lines: 1, bytes: 24, malformed: [.tooLong: 1, .empty: 1, .controlCharacter: 2]))
    }

    // MARK: Turns

    @Test("a unit waits for its turn among all, at the start and after a loss")
    func turns() {
        var session = make(dial: { $0 + .seconds(20) })
        #expect(session.on(.start, at: .zero) == [.wake(at: .seconds(20))])
        #expect(session.status(of: address).state == .waiting)
        #expect(session.on(.wake, at: .seconds(20)) == [.connect])
        _ = session.on(.opened, at: .seconds(20))
        #expect(session.on(.closed("reset"), at: .seconds(21)).last == .wake(at: .milliseconds(21_375)))
        #expect(session.on(.wake, at: .milliseconds(21_375)) == [.wake(at: .milliseconds(41_375))])
        #expect(session.on(.wake, at: .milliseconds(41_375)) == [.connect])
    }

    @Test("a command waits for no turn", arguments: [true, false])
    func commandTurn(isRead: Bool) throws {
        var session = make(isRead: isRead, dial: { $0 + .seconds(20) })
        _ = session.on(.start, at: .zero)
        #expect(session.on(.command(id: 1, try Command(payload: "red")), at: .seconds(1)).contains(.connect))
    }

    @Test("a unit that waits for its turn stops at once")
    func stopWhileWaiting() {
        var session = make(dial: { $0 + .seconds(20) })
        _ = session.on(.start, at: .zero)
        #expect(session.on(.stop, at: .seconds(1)).contains(.stopped))
    }

    @Test("states, counts and the last reason are told as they are")
    func status() {
        var session = make()
        #expect(
            session.status(of: address)
                == UnitStatus(address: address, isRead: true, state: .idle, since: .zero))
        _ = session.on(.start, at: .seconds(1))
        #expect(session.status(of: address).state == .connecting && session.status(of: address).since == .seconds(1))
        _ = session.on(.failed("refused"), at: .seconds(2))
        #expect(
            session.status(of: address)
                == UnitStatus(
                    address: address, isRead: true, state: .waiting, since: .seconds(1), lastReason: "refused"),
            "it has not been reached since it was tried first")
    }

    @Test("the sums count each unit by its state, and those that are gone")
    func totals() {
        func unit(_ state: UnitStatus.State, _ counts: UnitCounts) -> UnitStatus {
            UnitStatus(address: address, isRead: true, state: state, since: .zero, counts: counts)
        }
        let totals = UnitTotals(
            [
                unit(.connected, UnitCounts(lines: 1, bytes: 2, malformed: [.empty: 3], throttled: 4, reconnects: 5)),
                unit(.connected, UnitCounts(malformed: [.empty: 1, .notUTF8: 1])), unit(.idle, UnitCounts()),
            ], gone: UnitCounts(lines: 10, bytes: 20, malformed: [.empty: 30], throttled: 40, reconnects: 50))
        #expect(totals.states == [.connected: 2, .idle: 1])
        #expect(
            totals.counts
                == UnitCounts(
                    lines: 11, bytes: 22, malformed: [.empty: 34, .notUTF8: 1], throttled: 44, reconnects: 55))
    }
}
