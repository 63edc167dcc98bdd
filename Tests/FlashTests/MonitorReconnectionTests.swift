import Testing

@testable import Flash

/// When a port that is gone is tried again, and what is said.
struct MonitorReconnectionTests {
    @Test("a port that was there is tried soon, and that it is gone and back is said each time")
    func there() {
        var reconnection = Reconnection()
        var now = Duration.zero
        for _ in 0..<3 {
            #expect(reconnection.opened(at: now) == true)
            #expect(reconnection.isThere(at: now, hasHeard: false) == false)
            now += .seconds(60)
            #expect(reconnection.isThere(at: now, hasHeard: true) == false)
            #expect(reconnection.lost(at: now) == .gone)
            #expect(!reconnection.isDue(at: now + .milliseconds(499)))
            now += .milliseconds(500)
            #expect(reconnection.isDue(at: now))
            reconnection.failed(at: now)
            #expect(!reconnection.isDue(at: now + .milliseconds(499)))
            now += .milliseconds(500)
            #expect(reconnection.isDue(at: now))
        }
    }

    @Test("one that is gone as soon as it is opened is tried less and less often, and spoken of once, until it stays")
    func refusing() {
        var reconnection = Reconnection()
        var now = Duration.zero
        var said: [Reconnection.Loss?] = []
        var pauses: [Duration] = []
        for turn in 0..<8 {
            #expect(reconnection.opened(at: now) == (turn == 0))
            #expect(reconnection.isThere(at: now + .milliseconds(999), hasHeard: false) == false)
            said.append(reconnection.lost(at: now))
            let lost = now
            while !reconnection.isDue(at: now) { now += .milliseconds(100) }
            pauses.append(now - lost)
        }
        #expect(said == [.refused] + [Reconnection.Loss?](repeating: nil, count: 7))
        #expect(pauses == [0.5, 1, 2, 4, 8, 8, 8, 8].map { .seconds($0) })
        #expect(reconnection.opened(at: now) == false)
        #expect(reconnection.isThere(at: now + .seconds(1), hasHeard: false) == true)
        #expect(reconnection.isThere(at: now + .seconds(2), hasHeard: true) == false)
        #expect(reconnection.lost(at: now + .seconds(11)) == .gone)
        #expect(reconnection.isDue(at: now + .seconds(11.5)))
    }

    @Test("a first byte tells that it is there")
    func heard() {
        var reconnection = Reconnection()
        _ = reconnection.opened(at: .zero)
        #expect(reconnection.lost(at: .zero) == .refused)
        #expect(reconnection.opened(at: .seconds(1)) == false)
        #expect(reconnection.isThere(at: .seconds(1), hasHeard: true) == true)
        #expect(reconnection.lost(at: .seconds(1)) == .gone)
    }
}
