import TestSupport
import Testing

@testable import ClientSim

@Suite struct TimerWheelTests {
    @Test(
        "each timer comes once, at its tick, whatever was set, moved and cancelled", arguments: [1, 2, 3] as [UInt64])
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var wheel = TimerWheel(timers: 200)
        var expected: [Int: UInt64] = [:]
        var now: UInt64 = 0
        for _ in 0..<3000 {
            let timer = Int.random(in: 0..<200, using: &random)
            if Int.random(in: 0..<8, using: &random) == 0 {
                wheel.cancel(timer)
                expected[timer] = nil
            } else {
                // Near ones, and such as lie in each of the coarser wheels.
                let span: UInt64 = [4, 300, 70_000, 20_000_000][Int.random(in: 0..<4, using: &random)]
                let tick = now + UInt64.random(in: 0...span, using: &random)
                wheel.set(timer, at: tick)
                expected[timer] = max(tick, now + 1)
            }
            let end = now + UInt64.random(in: 0...600, using: &random)
            while let fired = wheel.next(dueBy: end) {
                #expect(expected[fired] == wheel.current)
                #expect(expected.values.allSatisfy { $0 >= wheel.current })
                expected[fired] = nil
            }
            now = end
            #expect(expected.values.allSatisfy { $0 > now })
            #expect(wheel.count == expected.count)
        }
    }

    @Test("the next tick is never after the next timer, and asking leads there")
    func nextTick() {
        var wheel = TimerWheel(timers: 2)
        #expect(wheel.nextTick == nil)
        wheel.set(0, at: 100_000)
        var asked = 0
        while let tick = wheel.nextTick {
            #expect(tick <= 100_000)
            asked += 1
            if let timer = wheel.next(dueBy: tick) { #expect((timer, wheel.current) == (0, 100_000)) }
        }
        #expect(asked < 500)
    }
}
