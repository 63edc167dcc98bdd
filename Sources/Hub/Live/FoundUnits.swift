/// What bases have found since the hub was started, in memory, and what a person wants to hear no more of.
actor FoundUnits {
    /// The most units that are kept, and the most that are dismissed; beyond, the one that was told first is forgotten.
    static let limit = 1000

    /// In the order in which they were told last.
    private var units: [FoundUnit] = []
    /// As they were when they were dismissed: one that turns out to be something else is shown again.
    private var dismissed: [FoundUnit] = []

    /// All that is kept, the newest first.
    var all: [FoundUnit] { units.reversed() }

    /// Takes what a base has found; what is told of an address last counts.
    ///
    /// - Returns: How many of them are shown.
    func take(_ found: [FoundUnit]) -> Int {
        var shown = 0
        for unit in found where !isDismissed(unit) {
            units.removeAll { $0.ip == unit.ip }
            units.append(unit)
            shown += 1
        }
        units.removeFirst(max(0, units.count - Self.limit))
        return shown
    }

    /// - Returns: False when no such unit is kept.
    func dismiss(_ ip: String) -> Bool {
        guard let index = units.firstIndex(where: { $0.ip == ip }) else { return false }
        dismissed.removeAll { $0.ip == ip }
        dismissed.append(units.remove(at: index))
        dismissed.removeFirst(max(0, dismissed.count - Self.limit))
        return true
    }

    private func isDismissed(_ unit: FoundUnit) -> Bool {
        dismissed.contains { $0.ip == unit.ip && $0.kind == unit.kind && $0.name == unit.name }
    }
}
