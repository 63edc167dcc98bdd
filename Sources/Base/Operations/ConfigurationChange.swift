import UnitProtocol

/// What a new configuration asks for beside the one that runs.
struct ConfigurationChange: Equatable, Sendable {
    var added: [IPv4Address]
    var removed: [IPv4Address]
    /// Whether other units may be sent requests than before.
    var changesAllowed: Bool
    /// Sections whose changes count from the next start on.
    var needRestart: [String]

    init(from old: Configuration, to new: Configuration) {
        let (before, after) = (Set(old.clients), Set(new.clients))
        added = after.subtracting(before).sorted()
        removed = before.subtracting(after).sorted()
        changesAllowed = old.allowed != new.allowed
        let sections: [(String, Bool)] = [
            ("api", old.api != new.api), ("pusher", old.pusher != new.pusher), ("units", old.units != new.units),
            ("commands", old.commands != new.commands), ("webhook", old.webhook != new.webhook),
            ("outbox", old.outbox != new.outbox), ("operations", old.operations != new.operations),
            ("cluster", old.cluster != new.cluster), ("discovery", old.discovery != new.discovery),
            ("live", old.live != new.live),
        ]
        needRestart = sections.filter(\.1).map(\.0)
    }

    /// Whether there is nothing to do now.
    var isEmpty: Bool { added.isEmpty && removed.isEmpty && !changesAllowed }
}
