import Testing
import UnitProtocol

@testable import Base

/// Commands that wait for their unit: how long, how many, and which one counts.
@Suite struct WaitingCommandTests {
    private func session(
        isRead: Bool = false, ttl: Duration? = nil, newestWins: Bool = false, queue: Int = 16
    ) -> UnitSession {
        var commands = CommandSettings()
        commands.ttl = ttl
        commands.newestWins = newestWins
        commands.queue = queue
        return UnitSession(isRead: isRead, unit: UnitSettings(), commands: commands, random: { 1 }, dial: { $0 })
    }

    @Test("a command that has waited for its time to live is not sent, though its unit comes a moment later")
    func expires() throws {
        var session = session(ttl: .seconds(2))
        #expect(
            session.on(.command(id: 1, try Command(payload: "red")), at: .zero) == [.connect, .wake(at: .seconds(2))])
        #expect(session.on(.wake, at: .milliseconds(1999)) == [.wake(at: .seconds(2))])
        #expect(session.on(.wake, at: .seconds(2)) == [.commandFinished(id: 1, .failed(.expired))])
        #expect(session.on(.opened, at: .milliseconds(2001)) == [.connected, .wake(at: .milliseconds(2301))])
    }

    @Test("a command that was written in its time to live has the whole time-out for its acknowledgement")
    func writtenDoesNotExpire() throws {
        var session = session(ttl: .seconds(2))
        _ = session.on(.command(id: 1, try Command(payload: "red")), at: .zero)
        #expect(session.on(.opened, at: .seconds(1)) == [.connected, .write(Array("red\r".utf8))])
        #expect(session.on(.wake, at: .seconds(2)) == [.wake(at: .seconds(10))])
        #expect(
            session.on(.wake, at: .seconds(10)) == [
                .commandFinished(id: 1, .failed(.notAcknowledged)), .lost("a command was not acknowledged"), .abort,
            ])
    }

    @Test("without a time to live a command whose unit never comes fails at the time-out, as one that found no unit")
    func withoutTimeToLive() throws {
        var session = session()
        _ = session.on(.command(id: 1, try Command(payload: "red")), at: .zero)
        #expect(session.on(.wake, at: .seconds(10)) == [.commandFinished(id: 1, .failed(.notConnected))])
    }

    @Test("of commands that wait only the newest is sent where the newest wins; each replaced one is told")
    func newestWins() throws {
        var session = session(newestWins: true)
        _ = session.on(.command(id: 1, try Command(payload: "red")), at: .zero)
        #expect(
            session.on(.command(id: 2, try Command(payload: "green")), at: .seconds(1))
                == [.commandFinished(id: 1, .failed(.superseded))])
        #expect(
            session.on(.command(id: 3, try Command(payload: "blue")), at: .seconds(2))
                == [.commandFinished(id: 2, .failed(.superseded))])
        #expect(session.on(.opened, at: .seconds(3)) == [.connected, .write(Array("blue\r".utf8))])
        // What was written may have acted already, so it is not taken back.
        #expect(
            session.on(.command(id: 4, try Command(payload: "white")), at: .seconds(3))
                == [.write(Array("white\r".utf8))])
        #expect(
            session.on(.acknowledged(total: 11), at: .seconds(4)).prefix(2) == [
                .commandFinished(id: 3, .acknowledged), .commandFinished(id: 4, .acknowledged),
            ])
    }

    @Test("a newer command takes the place of a waiting one in a full queue, and is refused where all are under way")
    func newestWinsInAFullQueue() throws {
        var session = session(newestWins: true, queue: 1)
        _ = session.on(.command(id: 1, try Command(payload: "red")), at: .zero)
        #expect(
            session.on(.command(id: 2, try Command(payload: "green")), at: .zero)
                == [.commandFinished(id: 1, .failed(.superseded))])
        _ = session.on(.opened, at: .zero)
        #expect(
            session.on(.command(id: 3, try Command(payload: "blue")), at: .zero)
                == [.commandFinished(id: 3, .failed(.queueFull(1)))])
    }

    @Test(
        "whatever happens, every command ends once, with time to live, newest wins and a short queue", arguments: 1...60
    )
    func random(seed: UInt64) throws {
        var state = seed
        func roll(_ sides: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % sides
        }
        var session = session(
            isRead: seed.isMultiple(of: 2), ttl: seed.isMultiple(of: 3) ? nil : .seconds(1),
            newestWins: seed.isMultiple(of: 5), queue: 3)
        var now = Duration.zero
        var (hasLink, isOpen, written, issued) = (false, false, 0, 0)
        var ended: [Int: Int] = [:]
        var kinds: Set<String> = []
        func perform(_ input: UnitSession.Input) {
            for action in session.on(input, at: now) {
                switch action {
                case .connect: (hasLink, isOpen, written) = (true, false, 0)
                case .write(let bytes): written += bytes.count
                case .commandFinished(let id, let result):
                    ended[id, default: 0] += 1
                    kinds.insert("\(RequestOutcome(result))")
                default: break
                }
            }
        }
        perform(.start)
        for _ in 0..<2000 {
            now += .milliseconds(Int(roll(300)))
            switch roll(7) {
            case 0, 1: issued += 1; perform(.command(id: issued, try Command(payload: "red")))
            case 2 where hasLink && !isOpen: isOpen = true; perform(.opened)
            case 3 where isOpen: perform(.acknowledged(total: Int(roll(UInt64(written + 1)))))
            case 4 where isOpen && roll(4) == 0: (hasLink, isOpen) = (false, false); perform(.closed("gone"))
            case 5 where hasLink && !isOpen && roll(3) == 0: hasLink = false; perform(.failed("refused"))
            default: perform(.wake)
            }
        }
        perform(.stop)
        now += .seconds(60)
        if hasLink { perform(.closed("gone")) }
        perform(.wake)
        #expect(issued > 300)
        #expect(ended == Dictionary(uniqueKeysWithValues: (1...issued).map { ($0, 1) }))
        #expect(kinds.contains("acknowledged"))
        #expect(kinds.contains("superseded") == seed.isMultiple(of: 5))
        if !seed.isMultiple(of: 3), !seed.isMultiple(of: 5) { #expect(kinds.contains("expired")) }
        if seed.isMultiple(of: 3) { #expect(!kinds.contains("expired")) }
    }
}
