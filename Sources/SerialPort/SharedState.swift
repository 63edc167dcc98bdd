import Glibc

/// A value that threads share: one at a time has it, and one can wait until it is as it wants it.
final class SharedState<State: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Changes the value and wakes who waits.
    func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        withLock { state in
            defer { pthread_cond_broadcast(condition) }
            return body(&state)
        }
    }

    /// Waits until `body` finds what it looks for.
    ///
    /// - Returns: What it has found; nil when the time has passed.
    func wait<Value: Sendable>(
        until deadline: ContinuousClock.Instant, for body: (inout State) -> Value?
    ) -> Value? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let value = body(&state) { return value }
            let left = deadline - .now
            guard left > .zero else { return nil }
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let nanoseconds = Int(time.tv_nsec) + Int(left.components.attoseconds / 1_000_000_000)
            time.tv_sec += Int(min(left.components.seconds, 1 << 30)) + nanoseconds / 1_000_000_000
            time.tv_nsec = nanoseconds % 1_000_000_000
            pthread_cond_timedwait(condition, mutex, &time)
        }
    }
}
