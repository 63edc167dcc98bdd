import Testing
import UnitProtocol

@testable import Base

/// Units that begin or cease to be read, or are this base's no more, in virtual time.
@Suite struct UnitSessionReadTests {
    private func make(isRead: Bool, change: (inout UnitSettings) -> Void = { _ in }) -> UnitSession {
        var unit = UnitSettings()
        unit.stagger = .zero
        change(&unit)
        return UnitSession(
            isRead: isRead, unit: unit, commands: CommandSettings(), random: { 1 }, dial: { $0 + .milliseconds(700) })
    }

    /// A session whose connection stands since the moment nought.
    private func opened(isRead: Bool, change: (inout UnitSettings) -> Void = { _ in }) throws -> UnitSession {
        var session = make(isRead: isRead, change: change)
        _ = isRead ? session.on(.start, at: .zero) : session.on(.command(id: 1, try Command(payload: "red")), at: .zero)
        if isRead { #expect(session.on(.wake, at: .milliseconds(700)) == [.connect]) }
        #expect(session.on(.opened, at: .zero).first == .connected)
        return session
    }

    private let address = IPv4Address(bits: 0x0A00_0001)

    @Test("a unit that is to be read is connected at its turn among all")
    func begins() {
        var session = make(isRead: false)
        #expect(session.on(.read(true), at: .seconds(5)) == [.wake(at: .milliseconds(5700))])
        #expect(session.on(.wake, at: .milliseconds(5700)) == [.connect])
    }

    @Test(
        "a unit that was connected for a command keeps that connection when it is to be read, from the next whole line on"
    )
    func keeps() throws {
        var session = try opened(isRead: false)
        #expect(session.on(.received(Array("7\n51".utf8)), at: .zero) == [])
        #expect(session.on(.read(true), at: .zero) == [])
        #expect(
            session.on(.received(Array("2\n3\n".utf8)), at: .zero) == [
                .deliver(try Measurement("512")), .deliver(try Measurement("3")),
            ])
        _ = session.on(.acknowledged(total: 4), at: .seconds(1))
        #expect(session.on(.wake, at: .seconds(4)) == [.wake(at: .seconds(5))])
    }

    @Test("a unit that is read no more is left politely, and not connected again")
    func ceases() throws {
        var session = try opened(isRead: true)
        #expect(session.on(.read(false), at: .seconds(4)) == [.finishWriting])
        #expect(session.on(.closed("closed"), at: .seconds(5)) == [])
        #expect(session.isIdle)
        #expect(session.on(.wake, at: .seconds(99)) == [])
    }

    @Test("a command under way, and its dwell, come before the end of a unit that is read no more")
    func ceasesAfterCommands() throws {
        var session = try opened(isRead: true)
        _ = session.on(.command(id: 1, try Command(payload: "red")), at: .seconds(3))
        #expect(session.on(.read(false), at: .seconds(3)) == [])
        #expect(
            session.on(.acknowledged(total: 4), at: .seconds(4)) == [
                .commandFinished(id: 1, .acknowledged), .wake(at: .milliseconds(4300)),
            ])
        #expect(session.on(.wake, at: .milliseconds(4300)).first == .finishWriting)
    }

    @Test("an attempt to connect ends when the unit is read no more")
    func ceasesWhileConnecting() {
        var session = make(isRead: true)
        _ = session.on(.start, at: .zero)
        _ = session.on(.wake, at: .milliseconds(700))
        #expect(session.on(.read(false), at: .seconds(1)) == [.abort])
        #expect(session.on(.failed("closed"), at: .seconds(1)) == [])
        #expect(session.isIdle)
    }

    @Test("pauses and quarantine end with the reading")
    func forgetsFaults() throws {
        var session = try opened(isRead: true) { $0.flaps.count = 1 }
        #expect(session.on(.closed("reset"), at: .seconds(1)).contains(.quarantined))
        #expect(session.status(of: address).state == .quarantined)
        #expect(session.on(.read(false), at: .seconds(2)) == [])
        #expect(session.status(of: address).state == .idle)
        #expect(session.on(.wake, at: .seconds(39)) == [])
        #expect(session.on(.read(true), at: .seconds(40)) == [.wake(at: .milliseconds(40_700))])
    }

    @Test("a unit that was throttled is heard again when it is left, so that its end is seen")
    func resumes() throws {
        var session = try opened(isRead: true) { ($0.lineRate, $0.lineBurst) = (1, 1) }
        #expect(session.on(.received(Array("1\n2\n3\n".utf8)), at: .seconds(1)).contains(.pauseReading))
        #expect(session.on(.read(false), at: .seconds(1)) == [.resumeReading, .finishWriting])
    }

    @Test("the end of a unit that does not close its side is a reset at the limit")
    func endsByReset() throws {
        var session = try opened(isRead: true)
        #expect(session.on(.end(within: .seconds(1)), at: .seconds(3)) == [.finishWriting, .wake(at: .seconds(4))])
        #expect(session.on(.wake, at: .seconds(4)) == [.abort])
        #expect(session.on(.closed("reset"), at: .seconds(4)) == [.stopped])
    }

    @Test("an end at once is a reset, and what waits fails as given up")
    func endsAtOnce() throws {
        var session = try opened(isRead: true)
        _ = session.on(.command(id: 1, try Command(payload: "red")), at: .seconds(3))
        #expect(
            session.on(.end(within: .zero), at: .seconds(3)) == [
                .commandFinished(id: 1, .failed(.released)), .lost("a command was not acknowledged"), .abort,
            ])
        let refused = session.on(.command(id: 2, try Command(payload: "red")), at: .seconds(3))
        #expect(refused == [.commandFinished(id: 2, .failed(.released))])
        #expect(session.on(.closed("reset"), at: .seconds(3)) == [.stopped])
    }

    @Test("a second end may be sooner than the first")
    func endsSooner() throws {
        var session = try opened(isRead: true)
        #expect(session.on(.end(within: .seconds(2)), at: .seconds(3)).first == .finishWriting)
        #expect(session.on(.end(within: .zero), at: .seconds(4)) == [.abort])
    }
}
