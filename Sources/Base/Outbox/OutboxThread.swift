import class Foundation.Thread
import Glibc

/// A thread of its own with a box into which others throw what it shall do. Nobody who throws waits for a disk.
final class OutboxThread: @unchecked Sendable {
    /// What has come since the thread has last looked.
    struct Round {
        var appends: [AppendRequest] = []
        var acknowledged: [OutboxReference] = []
        var jobs: [@Sendable (OutboxStore) -> Void] = []
        var isClosing = false

        /// Whether there is something that cannot rest for ``acknowledgementRest``.
        var isUrgent: Bool {
            !appends.isEmpty || !jobs.isEmpty || isClosing || acknowledged.count >= acknowledgementsAtOnce
        }
    }

    static let acknowledgementsAtOnce = 1000

    /// How long acknowledgements may lie, so that many are written together: what a crash makes of it is some more that come
    /// again with their keys.
    private let acknowledgementRest: Duration
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var round = Round()
    private var waitingRecords = 0
    private var isClosed = false

    init(acknowledgementRest: Duration = .milliseconds(10)) {
        self.acknowledgementRest = acknowledgementRest
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A wall clock that is set must not make the thread sleep for a year.
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

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// False when the thread is closing and will not look at it.
    private func put(_ change: (inout Round) -> Void) -> Bool {
        locked {
            guard !isClosed else { return false }
            change(&round)
            isClosed = round.isClosing
            pthread_cond_signal(condition)
            return true
        }
    }

    enum Refusal {
        case closed
        case overloaded
    }

    /// - Parameter limit: The most records that wait for the thread.
    func append(_ request: AppendRequest, limit: Int) -> Refusal? {
        locked {
            guard !isClosed else { return .closed }
            guard waitingRecords + request.batch.count <= limit else { return .overloaded }
            waitingRecords += request.batch.count
            round.appends.append(request)
            pthread_cond_signal(condition)
            return nil
        }
    }

    func acknowledge(_ references: [OutboxReference]) {
        locked {
            guard !isClosed else { return }
            let isFirst = round.acknowledged.isEmpty
            round.acknowledged += references
            if isFirst || round.isUrgent { pthread_cond_signal(condition) }
        }
    }

    func perform(_ job: @escaping @Sendable (OutboxStore) -> Void) -> Bool {
        put { $0.jobs.append(job) }
    }

    /// - Parameter done: Called when all that came before is done and the files are closed.
    func close(_ done: @escaping @Sendable () -> Void) -> Bool {
        put {
            $0.isClosing = true
            $0.jobs.append { store in
                store.close()
                done()
            }
        }
    }

    /// Begins the thread. The store is its own from here on.
    func start(_ store: sending OutboxStore) {
        let box = Box(store)
        let thread = Thread { self.run(box.store) }
        thread.start()
        // Before the start a name does not reach the kernel, and with it top and ps.
        thread.name = "outbox"
    }

    private struct Box: @unchecked Sendable {
        let store: OutboxStore

        init(_ store: OutboxStore) {
            self.store = store
        }
    }

    private func run(_ store: OutboxStore) {
        while true {
            let round = next(within: store.nextMaintenance - store.clock.monotonic())
            // What is at work waits no more: who is answered may bring as much again.
            noteWaiting(Self.count(store.blocked))
            if !round.appends.isEmpty { store.append(round.appends) }
            if !round.acknowledged.isEmpty { store.retire(round.acknowledged) }
            store.maintain()
            for job in round.jobs { job(store) }
            noteWaiting(Self.count(store.blocked))
            if round.isClosing { return }
        }
    }

    private static func count(_ requests: some Sequence<AppendRequest>) -> Int {
        requests.reduce(0) { $0 + $1.batch.count }
    }

    /// What stays in the store because it waits for room counts as waiting for the thread.
    private func noteWaiting(_ blocked: Int) {
        locked { waitingRecords = blocked + round.appends.reduce(0) { $0 + $1.batch.count } }
    }

    /// What there is to do, as soon as it is urgent or has rested; nothing when the time is over.
    private func next(within limit: Duration) -> Round {
        let end = OutboxClock.system.monotonic() + max(limit, .zero)
        return locked {
            var wake = end
            while !round.isUrgent {
                if wake == end, !round.acknowledged.isEmpty {
                    wake = min(end, OutboxClock.system.monotonic() + acknowledgementRest)
                }
                let (seconds, attoseconds) = wake.components
                var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
                if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
            }
            defer { round = Round() }
            return round
        }
    }
}
