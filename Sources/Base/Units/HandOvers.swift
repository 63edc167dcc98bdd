import UnitProtocol

/// A command on its way to the link of its unit, and who wants to know what became of it.
struct HandOver: Sendable {
    var command: Command
    var finish: @Sendable (CommandResult) -> Void
}

/// Commands that no link has taken yet, by unit, oldest first.
struct HandOvers: Sendable {
    /// A unit stands here as long as somebody takes its commands one after the other.
    private var waiting: [IPv4Address: [HandOver]] = [:]

    /// - Returns: Whether nobody takes this unit's commands yet, so that somebody has to begin.
    mutating func add(_ handOver: HandOver, to unit: IPv4Address) -> Bool {
        let isFirst = waiting[unit] == nil
        waiting[unit, default: []].append(handOver)
        return isFirst
    }

    /// The oldest; nil ends the taking, and the next ``add(_:to:)`` begins it anew.
    mutating func next(for unit: IPv4Address) -> HandOver? {
        guard waiting[unit]?.isEmpty == false else {
            waiting[unit] = nil
            return nil
        }
        return waiting[unit]?.removeFirst()
    }
}
