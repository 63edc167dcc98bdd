/// What is to happen when: the events of a fleet file, and those that are added during the run.
struct Timeline: Sendable {
    /// One beginning or end of a fault.
    struct Step: Hashable, Sendable {
        var at: Duration
        /// The same for a beginning and its end, and for nothing else.
        var id: Int
        /// Chooses the units.
        var seed: UInt64
        var event: FaultEvent
        var isEnd: Bool
    }

    private let seed: UInt64
    /// The nearest last.
    private var steps: [Step] = []
    private var rounds: [Int: (event: Int, done: Int)] = [:]
    private var ids = 0
    private var events = 0

    init(_ events: [FaultEvent], seed: UInt64) {
        self.seed = seed
        for event in events { add(event) }
    }

    var nextAt: Duration? { steps.last?.at }

    mutating func add(_ event: FaultEvent) {
        begin(event, number: events, round: 0)
        events += 1
    }

    /// Takes the next step that is due.
    mutating func next(dueBy now: Duration) -> Step? {
        guard let step = steps.last, step.at <= now else { return nil }
        steps.removeLast()
        guard !step.isEnd else { return step }
        if let length = step.event.length {
            insert(Step(at: step.at + length, id: step.id, seed: step.seed, event: step.event, isEnd: true))
        }
        if let (number, done) = rounds.removeValue(forKey: step.id), let every = step.event.every,
            step.event.times.map({ done < $0 }) ?? true
        {
            var again = step.event
            again.at = step.at + every
            begin(again, number: number, round: done)
        }
        return step
    }

    private mutating func begin(_ event: FaultEvent, number: Int, round: Int) {
        let chosen = Self.seed(ofEvent: number, round: round, fleetSeed: seed)
        rounds[ids] = (number, round + 1)
        insert(Step(at: event.at, id: ids, seed: chosen, event: event, isEnd: false))
        ids += 1
    }

    /// What chooses the units of an event each time that it comes.
    static func seed(ofEvent number: Int, round: Int, fleetSeed: UInt64) -> UInt64 {
        var mixed = SplitMix64(seed: fleetSeed ^ UInt64(number) << 32 ^ UInt64(round))
        return mixed.next()
    }

    /// Behind those of the same time that were there before.
    private mutating func insert(_ step: Step) {
        let place = steps.firstIndex { $0.at <= step.at } ?? steps.endIndex
        steps.insert(step, at: place)
    }
}
