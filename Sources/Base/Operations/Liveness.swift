/// Which parts answer: each is asked now and then, and late when its answer has been awaited too long.
///
/// A value without I/O; times count from any fixed moment.
struct Liveness: Sendable {
    /// How long an answer may take.
    static let bound = Duration.seconds(5)

    private let parts: [String]
    private var asked: [Int: Duration] = [:]

    init(parts: [String]) {
        self.parts = parts
    }

    /// The parts to be asked now: those that owe no answer, so that one that hangs is asked once.
    mutating func beat(at now: Duration) -> [Int] {
        let due = parts.indices.filter { asked[$0] == nil }
        for index in due { asked[index] = now }
        return due
    }

    mutating func answered(_ index: Int) {
        asked[index] = nil
    }

    /// The parts that are late, in words.
    func late(at now: Duration) -> [String] {
        asked.sorted { $0.key < $1.key }.filter { now - $0.value > Self.bound }.map { index, since in
            "\(parts[index]) has not answered for \((now - since).components.seconds) s"
        }
    }
}
