import NIOConcurrencyHelpers
import PeerLink

/// Who gets the samples, and how many each has got. To be used from any thread, so that a sample waits for nobody.
final class Viewers: Sendable {
    struct Counts: Equatable, Sendable {
        var sent = 0
        /// Given up because the viewer is slow.
        var skipped = 0

        mutating func count(_ samples: Int, isSent: Bool) {
            if isSent { sent += samples } else { skipped += samples }
        }
    }

    private struct Viewer {
        let attempt: Int
        let channel: DataChannel
        var heardAt: Duration
    }

    private struct State {
        var direct: [String: Viewer] = [:]
        var relayed: Set<String> = []
        var counts: [String: Counts] = [:]
        /// What goes through the hub with the next message.
        var waiting: [LiveSample] = []
    }

    /// As many samples as one message through the hub may hold; older ones are given up.
    static let mostWaiting = 1000
    /// How often a viewer is told to have been heard of; more often says no more.
    private static let hearing = Duration.milliseconds(500)

    private let state = NIOLockedValueBox(State())

    /// Sends a sample to all who are connected directly, and keeps it for those who are not.
    func send(_ sample: LiveSample) {
        let bytes = sample.bytes
        state.withLockedValue { state in
            for (id, viewer) in state.direct {
                switch viewer.channel.send(.bytes(bytes)) {
                case .queued: state.counts[id, default: Counts()].sent += 1
                case .queuedInPlaceOf(let count):
                    state.counts[id, default: Counts()].sent += 1
                    state.counts[id, default: Counts()].skipped += count
                case .refused: state.counts[id, default: Counts()].skipped += 1
                }
            }
            guard !state.relayed.isEmpty else { return }
            if state.waiting.count == Self.mostWaiting {
                state.waiting.removeFirst()
                for id in state.relayed { state.counts[id, default: Counts()].skipped += 1 }
            }
            state.waiting.append(sample)
        }
    }

    /// Hands over what has to go through the hub now, if anything.
    ///
    /// - Parameter send: Answers whether the hub could be sent it.
    func relay(_ send: ([LiveSample]) -> Bool) {
        let samples = state.withLockedValue { state in
            defer { state.waiting.removeAll(keepingCapacity: true) }
            return state.waiting
        }
        guard !samples.isEmpty else { return }
        let isSent = send(samples)
        state.withLockedValue { state in
            for id in state.relayed {
                state.counts[id, default: Counts()].count(samples.count, isSent: isSent)
            }
        }
    }

    /// - Returns: False where that client has a channel already.
    func add(_ channel: DataChannel, client: String, attempt: Int, at now: Duration) -> Bool {
        state.withLockedValue { state in
            if let known = state.direct[client], known.attempt >= attempt { return false }
            state.direct[client] = Viewer(attempt: attempt, channel: channel, heardAt: now)
            return true
        }
    }

    /// - Returns: Whether that is news.
    func hear(_ client: String, attempt: Int, at now: Duration) -> Bool {
        state.withLockedValue { state in
            guard let viewer = state.direct[client], viewer.attempt == attempt,
                now - viewer.heardAt >= Self.hearing
            else { return false }
            state.direct[client]?.heardAt = now
            return true
        }
    }

    func remove(_ client: String) {
        state.withLockedValue { $0.direct[client] = nil }
    }

    /// Of a channel that has ended: it may have come when its client had been hung up on already.
    func remove(_ client: String, attempt: Int) {
        state.withLockedValue { state in
            if state.direct[client]?.attempt == attempt { state.direct[client] = nil }
        }
    }

    /// Takes over who is there, and who of them gets the stream through the hub.
    func adopt(_ clients: [RemoteClient]) {
        let ids = Set(clients.map(\.id))
        state.withLockedValue { state in
            state.relayed = Set(clients.filter { $0.state == .relayed }.map(\.id))
            if state.relayed.isEmpty { state.waiting = [] }
            state.counts = state.counts.filter { ids.contains($0.key) }
        }
    }

    var hasRelayed: Bool { state.withLockedValue { !$0.relayed.isEmpty } }

    func counts(of client: String) -> Counts {
        state.withLockedValue { $0.counts[client] ?? Counts() }
    }
}
