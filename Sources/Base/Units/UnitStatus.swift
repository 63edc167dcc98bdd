import UnitProtocol

/// How one unit fares, at one moment.
struct UnitStatus: Equatable, Sendable {
    enum State: String, CaseIterable, Sendable {
        /// Connected on demand, and nothing is demanded.
        case idle
        /// The next attempt to connect has its moment.
        case waiting
        case connecting
        /// Until the connection is gone altogether.
        case connected
        /// It loses its connections too often: probed now and then, connected or not.
        case quarantined
    }

    var address: IPv4Address
    /// Whether its measurements are read; else it is connected for commands alone.
    var isRead: Bool
    var state: State
    /// When the state began, on the clock that counts from the machine's start; `waiting` and `connecting` count as one.
    var since: Duration
    var counts = UnitCounts()
    /// The time between its lines; nil until enough of them came.
    var period: Duration?
    /// Why it was last lost, or could not be connected.
    var lastReason: String?
    /// The fencing token of its ownership, where units are held by lease: greater than that of each earlier owner.
    var token: Int64?
}
