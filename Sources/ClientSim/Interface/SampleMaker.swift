/// Which samples of a stream are due: at a steady rate, none made up for a pause longer than a second.
///
/// A value without I/O; times are since the process began.
struct SampleMaker {
    private var generator: SignalGenerator
    private let begin: Duration
    private let interval: Duration
    private var next: Duration
    /// Samples that are later than this are left out: somebody stopped the process, or the machine slept.
    private static let longestPause = Duration.seconds(1)

    /// - Parameter rate: Samples a second.
    init(_ signal: Signal, rate: Double, seed: UInt64, from begin: Duration) {
        generator = SignalGenerator(signal: signal, seed: seed)
        interval = .seconds(1) / rate
        self.begin = begin
        next = begin
    }

    /// When the next sample is due.
    var due: Duration { next }

    /// The samples that are due by `now`, with the moment at which each was.
    mutating func take(by now: Duration) -> [(moment: Duration, value: Int)] {
        if now - next > Self.longestPause { next = now }
        var samples: [(Duration, Int)] = []
        while next <= now {
            samples.append((next, generator.next(at: next - begin)))
            next += interval
        }
        return samples
    }
}
