import LiveStream
import Synchronization
import UnitProtocol
import struct Foundation.Date

/// One read unit that streams: what it has said last, and how many samples it has made.
final class LiveUnit: Sendable {
    private struct State {
        var sequence: UInt32 = 0
        var made = 0
        var saidAt: ContinuousClock.Instant?
    }

    let name: String
    private let clock = ContinuousClock()
    private let state = Mutex(State())

    init(name: String) {
        self.name = name
    }

    /// A measurement as a sample; nil for one that is no number.
    ///
    /// - Parameter wall: Milliseconds since 1970.
    func sample(of measurement: Measurement, wall: Double = Date().liveMilliseconds) -> LiveSample? {
        guard let value = Self.number(measurement.text) else { return nil }
        let now = clock.now
        return state.withLock { state in
            defer {
                state.sequence &+= 1
                state.made += 1
            }
            state.saidAt = now
            return LiveSample(sequence: state.sequence, time: wall, value: value)
        }
    }

    /// The decimal number at the beginning of a measurement: what it counts may follow after a blank, as in `21.5 C`.
    static func number(_ text: String) -> Double? {
        let word = text.prefix { $0 != " " }
        guard word.wholeMatch(of: /[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/) != nil,
            let number = Double(word), number.isFinite
        else { return nil }
        return number
    }

    /// How long ago it has said something; nil: never.
    var silence: Duration? { state.withLock { $0.saidAt }.map { clock.now - $0 } }

    var made: Int { state.withLock { $0.made } }

    /// A unit that says nothing for so long is not streaming.
    static let longestSilence = Duration.seconds(15)

    var description: LiveDescription {
        LiveDescription(name: name, isRunning: silence.map { $0 < Self.longestSilence } ?? false)
    }
}
