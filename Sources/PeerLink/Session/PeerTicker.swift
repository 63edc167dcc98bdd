import NIOCore

/// Calls everyone who lives by the clock, and the SCTP stack first. Stands still while there is nobody. Confined to ``PeerLoop``.
final class PeerTicker {
    /// Told of every tick, and on every fifth that it is `slow`: 50 ms are enough for what is not SCTP.
    protocol Participant: AnyObject {
        func tick(at now: Duration, isSlow: Bool)
    }

    nonisolated(unsafe) static let shared = PeerTicker()

    private var participants: [ObjectIdentifier: any Participant] = [:]
    private var task: RepeatedTask?
    private var last = Duration.zero
    private var number = 0

    private init() {}

    func add(_ participant: any Participant) {
        PeerLoop.loop.preconditionInEventLoop()
        participants[ObjectIdentifier(participant)] = participant
        guard task == nil else { return }
        last = PeerLoop.now
        task = PeerLoop.loop.scheduleRepeatedTask(initialDelay: PeerLoop.tick, delay: PeerLoop.tick) { _ in
            PeerTicker.shared.tick()
        }
    }

    func remove(_ participant: any Participant) {
        participants[ObjectIdentifier(participant)] = nil
        guard participants.isEmpty else { return }
        task?.cancel()
        task = nil
    }

    private func tick() {
        let now = PeerLoop.now
        let elapsed = (now - last) / .milliseconds(1)
        // What is less than a millisecond counts in the next tick.
        last += .milliseconds(Int(elapsed))
        SctpStack.shared.advance(milliseconds: UInt32(clamping: Int(elapsed)))
        number += 1
        for participant in Array(participants.values) { participant.tick(at: now, isSlow: number.isMultiple(of: 5)) }
    }
}
