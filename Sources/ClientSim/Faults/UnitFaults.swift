/// What is wrong with one unit at the moment.
final class UnitFaults {
    /// Bytes on their way to the peer.
    struct Delayed {
        var at: Duration
        var bytes: [UInt8]
        /// How many of the firmware's bytes they stand for.
        var owed: Int
    }

    private(set) var active: [(id: Int, fault: Fault)] = []
    var random: SplitMix64
    /// Without power, or booting.
    var isOff = false
    /// Until then what has arrived is not read.
    var readAt: Duration?
    var delayed: [Delayed] = []
    /// The end of a line that goes with the next.
    var tail: [UInt8] = []
    /// What the other unit at the same address measures, while that one answers.
    var isOther = false
    var other: SignalGenerator
    /// When the other of the two answers.
    var changeAt: Duration?
    var rebootAt: Duration?
    var clock: UnitClock?

    init(seed: UInt64, signal: Signal) {
        random = SplitMix64(seed: seed)
        other = SignalGenerator(
            signal: signal, seed: random.next(), counterStart: MeasuredLines.otherStart)
    }

    func begin(_ fault: Fault, id: Int) { active.append((id, fault)) }

    func end(id: Int) { active.removeAll { $0.id == id } }

    func has(_ kind: Fault.Kind) -> Bool { active.contains { $0.fault.kind == kind } }

    /// The fault of a kind that began last.
    func last(_ kind: Fault.Kind) -> Fault? { active.last { $0.fault.kind == kind }?.fault }

    /// When there is something to do without any input.
    var nextAt: Duration? {
        [delayed.first?.at, readAt, changeAt, rebootAt].compactMap(\.self).min()
    }

    /// What goes with a connection that is gone.
    func forgetConnection() {
        delayed = []
        tail = []
        readAt = nil
    }

    /// How long bytes that go now are on their way; nil without latency.
    func latency() -> Duration? {
        guard case .latency(let delay, let jitter) = last(.latency) else { return nil }
        return delay + .milliseconds(Double(random.next() % 1_000_000) / 1e6 * (jitter / .milliseconds(1)))
    }

    /// A line as it really goes out.
    func mangled(_ line: [UInt8], mayGrow: Bool) -> [UInt8] {
        var out = line
        if has(.garbage) {
            out = (0..<Int.random(in: 1...64, using: &random)).map { _ in UInt8.random(in: 11...255, using: &random) }
            out.append(UInt8(ascii: "\n"))
        }
        if case .oversized(let bytes) = last(.oversized), mayGrow, line.last == UInt8(ascii: "\n"), line.count > 1 {
            let digits = line.dropLast()
            out = (0..<bytes - 1).map { digits[digits.startIndex + $0 % digits.count] } + [UInt8(ascii: "\n")]
        }
        if has(.partial) {
            let cut = out.count / 2
            let begin = tail + out[..<cut]
            tail = Array(out[cut...])
            return begin
        }
        defer { tail = [] }
        return tail + out
    }
}

/// A unit's own time where it runs fast or slow.
struct UnitClock {
    private var real: Duration
    private var own: Duration
    private var rate: Double
    /// The time that the firmware waits for: rounding must not make it come too early.
    var wake: Duration

    init(at now: Duration, wake: Duration) {
        (real, own, rate) = (now, now, 1)
        self.wake = wake
    }

    /// - Parameter rate: How many of its seconds pass in one.
    mutating func run(at rate: Double, from now: Duration) {
        own = time(at: now)
        real = now
        self.rate = rate
    }

    func time(at now: Duration) -> Duration { own + (now - real) * rate }

    /// When it will be `time`.
    func real(at time: Duration) -> Duration { real + (time - own) / rate }
}
