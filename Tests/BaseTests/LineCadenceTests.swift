import TestSupport
import Testing

@testable import Base

@Suite struct LineCadenceTests {
    private func cadence(pauses: [Duration]) -> LineCadence {
        var cadence = LineCadence()
        var now = Duration.seconds(100)
        cadence.hear(at: now)
        for pause in pauses {
            now += pause
            cadence.hear(at: now)
        }
        return cadence
    }

    private func limit(_ cadence: LineCadence) -> Duration {
        cadence.silenceLimit(factor: 5, minimum: .seconds(3), maximum: .seconds(300))
    }

    @Test("nothing is known before eight pauses; then the period is their median")
    func median() {
        let seven = cadence(pauses: Array(repeating: .seconds(1), count: 7))
        #expect(seven.period == nil && limit(seven) == .seconds(300))
        let eight = cadence(pauses: [5, 1, 1.002, 0.001, 1.001, 1, 1, 1].map { Duration.seconds($0) })
        #expect(eight.period == .seconds(1))
        #expect(limit(eight) == .seconds(10), "twice the stall of 5 s that this unit has shown")
    }

    @Test(
        "the limit is five periods, at least the floor, at most the ceiling",
        arguments: [(0.05, 3.0), (0.6, 3), (1, 5), (10, 50), (59, 295), (61, 300), (3600, 300)])
    func limits(period: Double, expected: Double) {
        #expect(limit(cadence(pauses: Array(repeating: .seconds(period), count: 20))) == .seconds(expected))
    }

    @Test("bursts with long pauses between them are no silence")
    func bursts() {
        let pauses = (0..<40).map { $0.isMultiple(of: 10) ? Duration.seconds(60) : .milliseconds(10) }
        let cadence = cadence(pauses: pauses)
        #expect(cadence.period == .milliseconds(10))
        #expect(limit(cadence) == .seconds(120))
    }

    @Test("only the latest sixteen pauses count, so that a stall is forgotten and a new period is learned")
    func forgets() {
        let stalled = cadence(pauses: [.seconds(100)] + Array(repeating: .seconds(1), count: 16))
        #expect(limit(stalled) == .seconds(5))
        let slower = cadence(
            pauses: Array(repeating: .seconds(1), count: 16) + Array(repeating: .seconds(20), count: 9))
        #expect(slower.period == .seconds(20))
        #expect(limit(slower) == .seconds(100))
    }

    @Test("the time across an interruption is no pause")
    func interruption() {
        var cadence = cadence(pauses: Array(repeating: .seconds(1), count: 8))
        let before = cadence.silenceLimit(factor: 5, minimum: .zero, maximum: .seconds(900))
        cadence.interrupt()
        cadence.hear(at: .seconds(4000))
        #expect(cadence.silenceLimit(factor: 5, minimum: .zero, maximum: .seconds(900)) == before)
        cadence.hear(at: .seconds(4001))
        #expect(cadence.period == .seconds(1))
    }

    @Test("a unit of one second with a jitter of a tenth never has a limit below five seconds or so", arguments: 1...20)
    func jitter(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pauses = (0..<200).map { _ in Duration.seconds(Double.random(in: 0.9...1.1, using: &random)) }
        #expect((Duration.seconds(4.5)...Duration.seconds(5.5)).contains(limit(cadence(pauses: pauses))))
    }
}
