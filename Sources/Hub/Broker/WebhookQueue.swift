import Channels
import Synchronization

/// The events that wait for one receiver of webhooks; newer ones are dropped when it is full.
final class WebhookQueue: Sendable {
    /// In events.
    static let limit = 10_000
    /// Events of one request.
    static let batchLimit = 100

    /// Says that there is something to take; ends after ``finish()``.
    let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let waiting = Mutex<[WebhookEvent]>([])

    init() {
        (signals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// - Returns: False when the event was dropped.
    func put(_ event: WebhookEvent) -> Bool {
        let isTaken = waiting.withLock { events in
            guard events.count < Self.limit else { return false }
            events.append(event)
            return true
        }
        continuation.yield()
        return isTaken
    }

    /// The oldest events, in order; empty when none wait.
    func take() -> [WebhookEvent] {
        waiting.withLock { events in
            let batch = Array(events.prefix(Self.batchLimit))
            events.removeFirst(batch.count)
            return batch
        }
    }

    func finish() { continuation.finish() }
}
