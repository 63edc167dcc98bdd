import UnitProtocol

/// What the dashboard is told of found units, and when: each one once, and again when it has changed or a day has passed.
///
/// A value without I/O. One request at a time; what fails is tried again after growing pauses, with what came meanwhile.
struct Proposals: Sendable {
    /// The most units that are remembered; beyond, the one that was longest not found is forgotten.
    static let limit = 70_000
    /// The most units in one request.
    static let batch = 100
    /// A unit that is still there is told again after this time.
    static let repetition = Duration.seconds(86_400)
    /// A dashboard that knows no such route is asked again after this time.
    static let unsupportedPause = Duration.seconds(3600)

    /// What became of a request.
    enum Outcome: Equatable, Sendable {
        case accepted
        /// It may go through later.
        case retry(reason: String, after: Duration?)
        /// The dashboard knows no found units.
        case unsupported
        /// It will not take these.
        case rejected(reason: String)
    }

    private struct Known {
        var unit: FoundUnit
        var found: Duration
        /// Nil: it is to be told.
        var told: Duration?
    }

    private var known: [IPv4Address: Known] = [:]
    /// Those that are to be told, in the order in which they were found.
    private var waiting: [IPv4Address] = []
    private var underWay: [FoundUnit] = []
    private var pausedUntil = Duration.zero
    private var backoff = Backoff(minimum: .seconds(1), maximum: .seconds(300))

    /// Takes what was found.
    mutating func add(_ unit: FoundUnit, at now: Duration) {
        guard let old = known[unit.address], now - (old.told ?? now) < Self.repetition else {
            makeRoom()
            return tell(unit, at: now)
        }
        var merged = unit
        merged.means = old.unit.means
        merged.name = unit.name ?? old.unit.name
        // That it has spoken is proof; that it is silent may mean that somebody else reads it.
        if unit.kind == .unknown || old.unit.kind == .read { merged.kind = old.unit.kind }
        let isChanged = merged.kind != old.unit.kind || merged.name != old.unit.name
        if isChanged { return tell(merged, at: now) }
        known[unit.address]?.found = now
    }

    /// The units of the request that is to begin now; nil when there is none.
    mutating func next(at now: Duration) -> [FoundUnit]? {
        guard underWay.isEmpty, !waiting.isEmpty, now >= pausedUntil else { return nil }
        underWay = waiting.prefix(Self.batch).compactMap { known[$0]?.unit }
        waiting.removeFirst(min(Self.batch, waiting.count))
        return underWay.isEmpty ? nil : underWay
    }

    /// When ``next(at:)`` is to be asked again though nothing was added and nothing has ended; nil: not at all.
    var resumesAt: Duration? { underWay.isEmpty && !waiting.isEmpty ? pausedUntil : nil }

    /// - Parameter random: From 0 to 1; spreads the pauses.
    mutating func finished(_ outcome: Outcome, random: Double, at now: Duration) {
        let units = underWay
        underWay = []
        switch outcome {
        case .accepted, .rejected:
            backoff.reset()
            for unit in units where known[unit.address]?.unit == unit { known[unit.address]?.told = now }
        case .retry(_, let after):
            pausedUntil = now + max(after ?? .zero, backoff.next(fraction: random))
            giveBack(units)
        case .unsupported:
            pausedUntil = now + Self.unsupportedPause
            giveBack(units)
        }
    }

    private mutating func giveBack(_ units: [FoundUnit]) {
        let waits = Set(waiting)
        waiting = units.map(\.address).filter { !waits.contains($0) } + waiting
    }

    private mutating func tell(_ unit: FoundUnit, at now: Duration) {
        let waits = known[unit.address].map { $0.told == nil } ?? false
        known[unit.address] = Known(unit: unit, found: now, told: nil)
        if !waits || isUnderWay(unit.address) { waiting.append(unit.address) }
    }

    /// What is being told while it changes has to be told again.
    private func isUnderWay(_ address: IPv4Address) -> Bool {
        underWay.contains { $0.address == address } && !waiting.contains(address)
    }

    private mutating func makeRoom() {
        guard known.count >= Self.limit, let oldest = known.min(by: { $0.value.found < $1.value.found })?.key else {
            return
        }
        known[oldest] = nil
        waiting.removeAll { $0 == oldest }
    }
}
