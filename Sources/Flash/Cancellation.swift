import Synchronization

/// Set once, when the user wants to stop; those who wait look at it at least ten times a second.
final class Cancellation: Sendable {
    private let flag = Atomic(false)

    var isAsked: Bool { flag.load(ordering: .relaxed) }

    func ask() {
        flag.store(true, ordering: .relaxed)
    }
}
