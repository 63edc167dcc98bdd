import UnitProtocol

/// Measurements that wait for the dashboard: a bounded queue a unit, and whose turn it is.
///
/// A value without I/O. Each unit has at most one delivery under way, which keeps its order; units take turns, so a
/// talkative one does not hold up the others. A full queue drops its oldest measurement.
struct DeliveryQueues: Sendable {
    struct Delivery: Equatable, Sendable {
        var unit: IPv4Address
        var measurement: Measurement
    }

    /// What became of a delivery.
    enum Outcome: Equatable, Sendable {
        case accepted
        /// It may go through later: the server is away, overloaded or broken.
        case retry(reason: String, after: Duration?)
        /// It never will.
        case rejected(reason: String)
    }

    private struct Queue {
        var waiting: [Measurement] = []
        /// Index of the oldest; the space before it is given back now and then.
        var head = 0
        /// The one at the head is under way, or waits for its next try.
        var isBusy = false
        /// It is this unit's turn as soon as there is room.
        var isReady = false
        var failures = 0

        var count: Int { waiting.count - head }

        /// Drops the oldest that is not under way.
        mutating func dropOldestWaiting() {
            if isBusy { waiting.swapAt(head, head + 1) }
            dropOldest()
        }

        mutating func dropOldest() {
            head += 1
            if head > 64, head * 2 > waiting.count {
                waiting.removeFirst(head)
                head = 0
            }
        }
    }

    private let concurrency: Int
    private let limit: Int
    private var queues: [IPv4Address: Queue] = [:]
    private var ready: [IPv4Address] = []
    private var underWay = 0
    /// Measurements that were dropped because their unit's queue was full.
    private(set) var dropped = 0

    init(settings: WebhookSettings) {
        concurrency = settings.concurrency
        limit = settings.queue
    }

    var isEmpty: Bool { underWay == 0 && queues.values.allSatisfy { $0.count == 0 } }

    /// - Returns: The deliveries to start now.
    mutating func accept(_ measurement: Measurement, from unit: IPv4Address) -> [Delivery] {
        var queue = queues[unit] ?? Queue()
        if queue.count - (queue.isBusy ? 1 : 0) >= limit {
            queue.dropOldestWaiting()
            dropped += 1
        }
        queue.waiting.append(measurement)
        makeReady(&queue, unit)
        queues[unit] = queue
        return start()
    }

    private mutating func makeReady(_ queue: inout Queue, _ unit: IPv4Address) {
        guard !queue.isBusy, !queue.isReady, queue.count > 0 else { return }
        queue.isReady = true
        ready.append(unit)
    }

    /// - Returns: The deliveries to start now, and, when this one is to be tried again, the pause before ``retry(_:)``.
    mutating func finished(
        _ unit: IPv4Address, _ outcome: Outcome, random: Double
    ) -> (start: [Delivery], retryIn: Duration?) {
        guard var queue = queues[unit], queue.isBusy else { return ([], nil) }
        underWay -= 1
        if case .retry(_, let after) = outcome {
            queue.failures += 1
            queues[unit] = queue
            return (start(), (after ?? .zero) + Self.pause(failures: queue.failures, random: random))
        }
        queue.isBusy = false
        queue.failures = 0
        queue.dropOldest()
        makeReady(&queue, unit)
        queues[unit] = queue
        return (start(), nil)
    }

    /// The pause after a failure is over.
    mutating func retry(_ unit: IPv4Address) -> [Delivery] {
        guard var queue = queues[unit], queue.isBusy else { return [] }
        queue.isBusy = false
        makeReady(&queue, unit)
        queues[unit] = queue
        return start()
    }

    private mutating func start() -> [Delivery] {
        var started: [Delivery] = []
        while underWay < concurrency, !ready.isEmpty {
            let unit = ready.removeFirst()
            guard var queue = queues[unit], queue.isReady else { continue }
            queue.isReady = false
            queue.isBusy = true
            queues[unit] = queue
            underWay += 1
            started.append(Delivery(unit: unit, measurement: queue.waiting[queue.head]))
        }
        return started
    }

    static let shortestPause = Duration.milliseconds(500)
    static let longestPause = Duration.seconds(60)

    /// Full jitter: anything up to a limit that doubles with each failure.
    private static func pause(failures: Int, random: Double) -> Duration {
        min(longestPause, shortestPause * (1 << min(failures - 1, 16))) * random
    }
}
