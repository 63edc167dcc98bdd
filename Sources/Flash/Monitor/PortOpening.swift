import Dispatch
import Foundation
import SerialPort
import Synchronization

/// A port that is being opened, on a thread of its own: a serial server that says nothing keeps nobody waiting.
final class PortOpening: Sendable {
    typealias Outcome = Result<any SerialPort, SerialError>

    private enum State {
        case running
        case done(Passed)
        case abandoned
    }

    /// A port is used by one thread at a time: first by the one that opens it, then by the one that takes it from here.
    private struct Passed: @unchecked Sendable {
        var outcome: Outcome
    }

    private let state = Mutex(State.running)
    private let isDone = DispatchSemaphore(value: 0)

    /// - Parameter open: Runs on the thread.
    init(_ open: @escaping @Sendable () throws(SerialError) -> any SerialPort) {
        Thread.detachNewThread { [self] in
            do throws(SerialError) {
                end(.success(try open()))
            } catch {
                end(.failure(error))
            }
        }
    }

    private func end(_ outcome: Outcome) {
        let passed = Passed(outcome: outcome)
        let isWanted = state.withLock { state in
            if case .abandoned = state { return false }
            state = .done(passed)
            return true
        }
        if !isWanted { try? outcome.get().close() }
        isDone.signal()
    }

    /// What came of it, once; nil while it is not known, or after `limit`.
    func outcome(within limit: Duration) -> Outcome? {
        guard isDone.wait(timeout: .now() + limit / .seconds(1)) == .success else { return nil }
        return take()?.outcome
    }

    /// Nobody wants it any more: the port is closed as soon as it is open.
    func abandon() {
        try? take()?.outcome.get().close()
    }

    private func take() -> Passed? {
        state.withLock { state in
            defer { state = .abandoned }
            return if case .done(let passed) = state { passed } else { nil }
        }
    }
}
