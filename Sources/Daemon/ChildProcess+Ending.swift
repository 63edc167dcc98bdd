import Foundation
import Glibc
import Synchronization

extension ChildProcess {
    /// The end of a child process: who waits for it hears how it was, and no signal goes to a process that is gone.
    final class Ending: Sendable {
        private struct State {
            var status: String?
            /// Whether what is left of the child's group is killed with its end.
            var takesGroupAlong = false
            var waiters: [AsyncStream<String>.Continuation] = []
        }

        private let identifier: pid_t
        private let state: Mutex<State>

        /// Takes over the reaping of a child, on a thread that sleeps until the child ends.
        init(of identifier: pid_t, takesGroupAlong: Bool) {
            self.identifier = identifier
            state = Mutex(State(takesGroupAlong: takesGroupAlong))
            Thread.detachNewThread { [self] in reap() }
        }

        /// Waits for the end.
        ///
        /// - Returns: `exit code 1`, `signal 9`. Nil when the waiting task was cancelled.
        func wait() async -> String? {
            let (stream, continuation) = AsyncStream.makeStream(of: String.self)
            let status = state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let status { return status }
            return await stream.first { _ in true }
        }

        /// How it was; nil while the child runs.
        var status: String? { state.withLock(\.status) }

        /// Has what is left of the child's process group killed when the child ends.
        func takeGroupAlong() { state.withLock { $0.takesGroupAlong = true } }

        /// Sends a signal, unless the child has ended.
        ///
        /// - Parameter toGroup: Whether all that the child has started, and that is still in its group, gets it too.
        func send(_ signal: Int32, toGroup: Bool = false) {
            state.withLock { state in
                if state.status == nil { kill(toGroup ? -identifier : identifier, signal) }
            }
        }

        private func reap() {
            // First wait without reaping, so that the number stays the child's until the lock is held.
            var information = siginfo_t()
            while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
            let (status, waiters) = state.withLock { state in
                var code: Int32 = 0
                // The group's number is still the child's own.
                if state.takesGroupAlong { kill(-identifier, SIGKILL) }
                waitpid(identifier, &code, 0)
                let status = Self.describe(code)
                state.status = status
                defer { state.waiters = [] }
                return (status, state.waiters)
            }
            for waiter in waiters {
                waiter.yield(status)
                waiter.finish()
            }
        }

        /// Reads a wait status as wait(2) lays it out: the signal in the low seven bits, the exit code in the next byte.
        private static func describe(_ code: Int32) -> String {
            code & 0x7F == 0 ? "exit code \(code >> 8 & 0xFF)" : "signal \(code & 0x7F)"
        }
    }
}
