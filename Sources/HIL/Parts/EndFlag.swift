import Synchronization

/// How something has ended, once it has.
final class EndFlag: Sendable {
    private let state = Mutex<String?>(nil)

    var status: String? { state.withLock(\.self) }

    func set(_ status: String) { state.withLock { $0 = status } }
}
