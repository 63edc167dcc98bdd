/// One remote client as the device sees it.
public struct RemoteClient: Equatable, Sendable {
    public enum State: String, Equatable, Sendable {
        /// It is there, and has not asked.
        case waiting
        case connecting
        /// It gets the stream on a data channel.
        case direct
        /// It gets the stream through the hub.
        case relayed
        /// It was there a moment ago.
        case gone
    }

    public let id: String
    public internal(set) var state = State.waiting
    /// Counts its connections: what an earlier one says is not heard.
    var attempt = 0
    /// When something is done about it if nothing is heard before.
    var due: Duration?
    var heardAt = Duration.zero
    /// When the hub lost it, while its own connection went on.
    var lostAt: Duration?
    /// What it asks through the hub: one that watches asks once a second.
    var allowance = AnswerAllowance(perSecond: 2, atOnce: 5)

    init(id: String) {
        self.id = id
    }
}
