import NIOConcurrencyHelpers
import NIOCore

/// A channel to a peer. To be used from any thread.
public final class DataChannel: Sendable {
    public enum State: String, Equatable, Sendable {
        case connecting
        case open
        /// What waits is still sent.
        case closing
        case closed
    }

    public typealias MessageHandler = @Sendable (ChannelMessage) -> Void
    public typealias StateHandler = @Sendable (State) -> Void

    fileprivate struct Shared {
        var state = State.connecting
        var stream: UInt16?
        var queue: SendQueue
        /// The largest message, in bytes: what both sides take.
        var most: Int
        var isDrainDue = false
        var dropped = 0
        var refused = 0
        var onMessage: MessageHandler?
        var onState: StateHandler?
    }

    public let options: ChannelOptions
    private let shared: NIOLockedValueBox<Shared>
    private let session: NIOLoopBound<WeakSession>

    struct WeakSession {
        weak var session: PeerSession?
    }

    init(_ options: ChannelOptions, session: PeerSession, most: Int, onMessage: MessageHandler?) {
        self.options = options
        self.session = NIOLoopBound(WeakSession(session: session), eventLoop: PeerLoop.loop)
        shared = NIOLockedValueBox(Shared(queue: SendQueue(options.queue), most: most, onMessage: onMessage))
    }

    public var label: String { options.label }
    public var state: State { shared.withLockedValue { $0.state } }
    /// The SCTP stream; nil before the connection has given it one.
    public var stream: UInt16? { shared.withLockedValue { $0.stream } }
    /// What waits here to be sent: messages, and their bytes. What SCTP already holds is not counted.
    public var waiting: (messages: Int, bytes: Int) { shared.withLockedValue { ($0.queue.count, $0.queue.bytes) } }

    /// Sets who gets messages from now on. What came while there was nobody is lost.
    public func onMessage(_ handler: @escaping MessageHandler) {
        shared.withLockedValue { $0.onMessage = handler }
    }

    /// Sets who is told of states from now on; called at once with the one that is.
    public func onState(_ handler: @escaping StateHandler) {
        let state = shared.withLockedValue { shared in
            shared.onState = handler
            return shared.state
        }
        handler(state)
    }

    /// Queues a message. Before the channel is open it waits.
    @discardableResult
    public func send(_ message: ChannelMessage) -> SendResult {
        let (result, mustDrain) = shared.withLockedValue { $0.take(message) }
        if mustDrain { PeerLoop.loop.execute { self.session.value.session?.drain() } }
        if result == .refused(.tooSlow) { PeerLoop.loop.execute { self.session.value.session?.close(.tooSlow) } }
        return result
    }

    /// Closes the channel when what waits has been sent; the peer is told.
    public func close() {
        PeerLoop.loop.execute { self.session.value.session?.close(self) }
    }
}

extension DataChannel.Shared {
    /// - Returns: Whether the loop has to be woken too.
    fileprivate mutating func take(_ message: ChannelMessage) -> (SendResult, mustDrain: Bool) {
        guard state == .connecting || state == .open else { return (.refused(.closed), false) }
        let result = message.count > most ? .refused(.tooLarge) : queue.offer(message)
        switch result {
        case .queued: break
        case .queuedInPlaceOf(let count): dropped += count
        case .refused:
            refused += 1
            return (result, false)
        }
        guard !isDrainDue, state == .open else { return (result, false) }
        isDrainDue = true
        return (result, true)
    }
}

// MARK: - For the session, on its loop

extension DataChannel {
    /// What was given up and refused since the last call.
    func takeLosses() -> (dropped: Int, refused: Int) {
        shared.withLockedValue { shared in
            defer { (shared.dropped, shared.refused) = (0, 0) }
            return (shared.dropped, shared.refused)
        }
    }

    /// The connection is there: where it goes, and what the peer takes.
    func assign(stream: UInt16, most: Int) {
        shared.withLockedValue {
            $0.stream = stream
            $0.most = most
        }
    }

    func enter(_ state: State) {
        let handler = shared.withLockedValue { shared -> StateHandler? in
            guard shared.state != state, shared.state != .closed else { return nil }
            shared.state = state
            guard state == .closed else { return shared.onState }
            shared.queue.removeAll()
            defer { (shared.onMessage, shared.onState) = (nil, nil) }
            return shared.onState
        }
        handler?(state)
    }

    func deliver(_ message: ChannelMessage) {
        shared.withLockedValue { $0.onMessage }?(message)
    }

    /// Takes the next message to send; nil when none waits, and then ``send(_:)`` wakes the loop again.
    func takeNext() -> ChannelMessage? {
        shared.withLockedValue { shared in
            guard let message = shared.queue.first else {
                shared.isDrainDue = false
                return nil
            }
            shared.queue.removeFirst()
            return message
        }
    }
}
