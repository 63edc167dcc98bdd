import NIOCore
import Testing

@testable import VirtualBoard

@Suite struct BoardClockTests {
    private final class Time {
        var now = NIODeadline.uptimeNanoseconds(5_000)
    }

    @Test("a stopped clock stands still, can be set on, and goes on with its own time")
    func stopping() {
        let time = Time()
        var clock = BoardClock { time.now }
        #expect(clock.now == .zero)
        time.now = time.now + .seconds(2)
        clock.advance(to: .seconds(9))
        #expect(clock.now == .seconds(2))
        clock.isStopped = true
        time.now = time.now + .seconds(100)
        clock.isStopped = true
        #expect(clock.now == .seconds(2))
        clock.advance(to: .milliseconds(2_500))
        clock.advance(to: .seconds(1))
        #expect(clock.now == .milliseconds(2_500))
        clock.isStopped = false
        #expect(clock.now == .milliseconds(2_500))
        time.now = time.now + .seconds(1)
        clock.isStopped = false
        #expect(clock.now == .milliseconds(3_500))
    }
}
