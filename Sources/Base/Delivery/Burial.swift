import Synchronization

/// Puts measurements that the dashboard will never take among the dead letters, many at once, and only then lets the outbox
/// forget them.
///
/// What cannot be kept is tried again with growing pauses. Beyond ``limit`` that wait, more stay in the outbox, and come again
/// with the next run.
final class Burial: Sendable {
    static let limit = 100_000
    private static let most = 1000
    private static let gathering = Duration.seconds(1)

    private struct State {
        var waiting: [DeadLetter] = []
        var isWorking = false
    }

    private let state = Mutex(State())
    private let deadLetters: DeadLetters
    private let outbox: Outbox
    private let log: DeliveryLog

    init(deadLetters: DeadLetters, outbox: Outbox, log: DeliveryLog) {
        self.deadLetters = deadLetters
        self.outbox = outbox
        self.log = log
    }

    func bury(_ letters: [DeadLetter]) {
        guard !letters.isEmpty else { return }
        let isFirst = state.withLock { state in
            state.waiting += letters.prefix(max(0, Self.limit - state.waiting.count))
            defer { state.isWorking = true }
            return !state.isWorking
        }
        if isFirst { Task { await work() } }
    }

    private func work() async {
        var backoff = Backoff(minimum: .milliseconds(500), maximum: .seconds(60))
        while let letters = next() {
            do {
                log.givenUp(try await deadLetters.add(letters))
                outbox.acknowledge(letters.map(\.record.reference))
                let isAll = state.withLock { state in
                    state.waiting.removeFirst(letters.count)
                    return state.waiting.isEmpty
                }
                backoff.reset()
                // Few at a time would write the same file again and again; until then they are in the outbox.
                if isAll { try? await Task.sleep(for: Self.gathering) }
            } catch {
                log.notBuried("\(error)")
                try? await Task.sleep(for: backoff.next(fraction: .random(in: 0...1)))
            }
        }
    }

    /// The oldest that wait; nil where none do, and the work is over.
    private func next() -> [DeadLetter]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWorking = false
                return nil
            }
            return Array(state.waiting.prefix(Self.most))
        }
    }
}
