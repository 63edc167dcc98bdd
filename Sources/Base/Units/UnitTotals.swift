/// The sums over all units, those included that are no longer there.
struct UnitTotals: Equatable, Sendable {
    var states: [UnitStatus.State: Int] = [:]
    var counts = UnitCounts()

    /// - Parameter gone: The counts of units that are no longer there, so that the sums never decrease.
    init(_ units: some Sequence<UnitStatus>, gone: UnitCounts) {
        counts = gone
        for unit in units {
            states[unit.state, default: 0] += 1
            counts += unit.counts
        }
    }
}
