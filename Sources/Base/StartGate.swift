import Synchronization

/// Opens once, when each part of a base has said that it has begun.
final class StartGate: Sendable {
    enum Part: CaseIterable, Sendable {
        /// All read units are being connected.
        case units
        /// Whoever asks how the base fares is heard, or never will be.
        case operations
    }

    private let missing = Mutex(Set(Part.allCases))
    private let open: @Sendable () -> Void

    /// - Parameter open: Called once, by the part that begins last.
    init(open: @escaping @Sendable () -> Void) {
        self.open = open
    }

    func begun(_ part: Part) {
        let isLast = missing.withLock { missing in missing.remove(part) != nil && missing.isEmpty }
        if isLast { open() }
    }
}
