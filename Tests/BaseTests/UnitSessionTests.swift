import Testing
import UnitProtocol

@testable import Base

@Suite struct UnitSessionTests {
    /// - Parameter strict: Whether units are soon throttled and put into quarantine, and wait for their turn.
    private func session(isRead: Bool, strict: Bool = false) -> UnitSession {
        var unit = UnitSettings()
        if strict {
            unit.flaps.count = 2
            (unit.lineRate, unit.lineBurst) = (1, 1)
        }
        return UnitSession(
            isRead: isRead, unit: unit, commands: CommandSettings(), random: { 1 },
            dial: { strict ? $0 + .milliseconds(700) : $0 })
    }

    private func command(_ payload: String = "red") throws -> Command { try Command(payload: payload) }

    @Test("a read unit is connected after the stagger, its lines delivered, malformed ones counted")
    func reads() throws {
        var session = session(isRead: true)
        #expect(session.on(.start, at: .zero) == [.wake(at: .seconds(1))])
        #expect(session.on(.wake, at: .seconds(1)) == [.connect])
        #expect(session.on(.opened, at: .seconds(1)) == [.connected, .wake(at: .seconds(6))])
        #expect(
            session.on(.received(Array("1\n\n2\n".utf8)), at: .seconds(2)) == [
                .deliver(try Measurement("1")), .malformed(.empty), .deliver(try Measurement("2")),
            ])
    }

    @Test("a unit that is silent for five periods is left and connected anew")
    func halfOpen() {
        var session = session(isRead: true)
        _ = session.on(.start, at: .zero)
        _ = session.on(.wake, at: .seconds(1))
        _ = session.on(.opened, at: .seconds(1))
        #expect(session.on(.wake, at: .seconds(6)) == [.lost("silent for 5 periods"), .abort])
        #expect(session.on(.closed("reset"), at: .seconds(6)).last == .wake(at: .milliseconds(6500)))
        #expect(session.on(.wake, at: .milliseconds(6500)) == [.connect])
    }

    @Test("pauses double up to the longest while a unit is away")
    func backsOff() {
        var session = session(isRead: true)
        _ = session.on(.start, at: .zero)
        var now = Duration.seconds(1)
        var pauses: [Duration] = []
        for _ in 0..<9 {
            #expect(session.on(.wake, at: now).contains(.connect))
            guard case .wake(let at)? = session.on(.failed("refused"), at: now).last else {
                Issue.record("no wake after the failure at \(now)")
                return
            }
            pauses.append(at - now)
            now = at
        }
        #expect(pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { Duration.seconds($0) })
    }

    @Test("a command to a unit that is being read goes over that connection")
    func commandWhileRead() throws {
        var session = session(isRead: true)
        _ = session.on(.start, at: .zero)
        _ = session.on(.wake, at: .seconds(1))
        _ = session.on(.opened, at: .seconds(1))
        let actions = session.on(.command(id: 1, try command()), at: .seconds(2))
        #expect(actions.first == .write(Array("red\r".utf8)))
        #expect(!actions.contains(.connect))
        #expect(
            session.on(.acknowledged(total: 4), at: .seconds(2)).first == .commandFinished(id: 1, .acknowledged))
    }

    @Test("UP-034: a lamp is connected for a command and left only after the acknowledgement and the dwell")
    func onDemand() throws {
        var session = session(isRead: false)
        #expect(session.on(.command(id: 1, try command()), at: .zero) == [.connect, .wake(at: .seconds(10))])
        #expect(session.on(.opened, at: .seconds(1)) == [.connected, .write(Array("red\r".utf8))])
        #expect(session.on(.acknowledged(total: 3), at: .seconds(2)) == [])
        #expect(
            session.on(.acknowledged(total: 4), at: .seconds(3)) == [
                .commandFinished(id: 1, .acknowledged), .wake(at: .milliseconds(3300)),
            ])
        #expect(session.on(.wake, at: .milliseconds(3299)) == [.wake(at: .milliseconds(3300))])
        #expect(session.on(.wake, at: .milliseconds(3300)).first == .finishWriting)
    }

    @Test("a command that comes while a connection closes waits until it is gone")
    func neverTwo() throws {
        var session = session(isRead: false)
        _ = session.on(.command(id: 1, try command()), at: .zero)
        _ = session.on(.opened, at: .zero)
        _ = session.on(.acknowledged(total: 4), at: .zero)
        #expect(session.on(.wake, at: .milliseconds(300)).contains(.finishWriting))
        #expect(!session.on(.command(id: 2, try command()), at: .milliseconds(301)).contains(.connect))
        #expect(session.on(.closed("closed"), at: .milliseconds(302)).contains(.connect))
    }

    @Test("a command that is not acknowledged in time fails, and takes its connection along")
    func timeout() throws {
        var session = session(isRead: false)
        _ = session.on(.command(id: 1, try command()), at: .zero)
        _ = session.on(.opened, at: .zero)
        let actions = session.on(.wake, at: .seconds(10))
        #expect(actions.contains(.commandFinished(id: 1, .failed(.notAcknowledged))))
        #expect(actions.contains(.abort))
    }

    @Test("more commands than the queue takes are refused at once")
    func queueFull() throws {
        var session = session(isRead: false)
        for id in 1...16 { _ = session.on(.command(id: id, try command()), at: .zero) }
        #expect(
            session.on(.command(id: 17, try command()), at: .zero)
                == [.commandFinished(id: 17, .failed(.queueFull(16)))])
    }

    @Test("whatever happens: one connection at most, every command ends once, in order", arguments: 1...60)
    func random(seed: UInt64) throws {
        var state = seed
        func roll(_ sides: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % sides
        }
        var session = session(isRead: seed.isMultiple(of: 2), strict: seed.isMultiple(of: 3))
        var isPaused = false
        var now = Duration.zero
        var link = false
        var isOpen = false
        var alarm: Duration?
        var written = 0
        var issued = 0
        var finished: [Int] = []
        var refused: Set<Int> = []
        func perform(_ input: UnitSession.Input) {
            for action in session.on(input, at: now) {
                switch action {
                case .connect:
                    #expect(!link)
                    (link, isOpen, written, isPaused) = (true, false, 0, false)
                case .pauseReading, .resumeReading:
                    #expect(isOpen && isPaused == (action == .resumeReading))
                    isPaused.toggle()
                case .write(let bytes):
                    #expect(isOpen)
                    written += bytes.count
                case .wake(let at): alarm = at
                case .commandFinished(let id, .failed(.queueFull)): #expect(refused.insert(id).inserted)
                case .commandFinished(let id, _): finished.append(id)
                default: break
                }
            }
        }
        perform(.start)
        for _ in 0..<1500 {
            now += .milliseconds(Int(roll(400)))
            switch roll(9) {
            case 0: issued += 1; perform(.command(id: issued, try command()))
            case 1 where link && !isOpen: isOpen = true; perform(.opened)
            case 2 where link && !isOpen: link = false; perform(.failed("refused"))
            case 3 where isOpen: perform(.acknowledged(total: Int(roll(UInt64(written + 1)))))
            case 4 where isOpen && roll(4) == 0: (link, isOpen) = (false, false); perform(.closed("gone"))
            case 6 where roll(8) == 0: perform(.read(roll(2) == 0))
            case 5 where isOpen && !isPaused: perform(.received(Array("5\n".utf8)))
            default:
                if let at = alarm, at <= now { alarm = nil; perform(.wake) }
            }
        }
        perform(.stop)
        for _ in 0..<200 {
            now += .seconds(1)
            if link { (link, isOpen) = (false, false); perform(.closed("gone")) }
            perform(.wake)
        }
        // Refusals overtake what waits; everything else ends in the order in which it came.
        #expect(issued > 100)
        #expect(finished == (1...issued).filter { !refused.contains($0) })
    }
}
