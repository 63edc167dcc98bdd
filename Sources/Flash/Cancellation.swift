import Synchronization

/// Set once, when the user wants to stop. Those who wait for a board's answer look at it at least ten times a second; a reset
/// that has begun, and bytes that go out, are brought to their end first.
final class Cancellation: Sendable {
    private let flag = Atomic(false)

    var isAsked: Bool { flag.load(ordering: .relaxed) }

    func ask() {
        flag.store(true, ordering: .relaxed)
    }
}
