import DequeModule

/// What waits for a peer on one channel: bounded, with a stated policy at the bound.
public struct SendQueue: Sendable {
    /// What happens to a message for which there is no room.
    public enum WhenFull: String, Equatable, Sendable {
        /// The oldest ones that wait are given up for it.
        case dropOldest
        /// It is not taken.
        case refuse
        /// The peer is too slow, and its connection is closed.
        case close
    }

    public struct Options: Equatable, Sendable {
        public var messages = 1024
        /// At least one message is taken, however large.
        public var bytes = 1024 * 1024
        public var whenFull = WhenFull.refuse

        public init() {}
    }

    let options: Options
    private var waiting: Deque<ChannelMessage> = []
    /// Of what waits.
    private(set) var bytes = 0

    init(_ options: Options) {
        self.options = options
    }

    var count: Int { waiting.count }

    /// Takes a message, or does not.
    mutating func offer(_ message: ChannelMessage) -> SendResult {
        var dropped = 0
        while !hasRoom(for: message) {
            switch options.whenFull {
            case .dropOldest:
                removeFirst()
                dropped += 1
            case .refuse: return .refused(.full)
            case .close: return .refused(.tooSlow)
            }
        }
        waiting.append(message)
        bytes += message.count
        return dropped == 0 ? .queued : .queuedInPlaceOf(dropped)
    }

    private func hasRoom(for message: ChannelMessage) -> Bool {
        waiting.isEmpty || waiting.count < options.messages && bytes + message.count <= options.bytes
    }

    var first: ChannelMessage? { waiting.first }

    mutating func removeFirst() {
        bytes -= waiting.removeFirst().count
    }

    mutating func removeAll() {
        waiting.removeAll()
        bytes = 0
    }
}
