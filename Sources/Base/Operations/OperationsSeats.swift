/// Which connections there are, and which of them is the first to give way: the one that has waited longest for a question.
struct OperationsSeats<Connection> {
    private struct Seat {
        var connection: Connection
        var isAsking = false
        /// When it began to wait for a question, counted in such beginnings.
        var since: Int
    }

    private let limit: Int
    private var seats: [ObjectIdentifier: Seat] = [:]
    private var beginnings = 0

    init(limit: Int) {
        self.limit = limit
    }

    var all: [Connection] { seats.values.map(\.connection) }

    /// - Returns: Whether there is room for it, and which one it takes the place of.
    mutating func admit(_ number: ObjectIdentifier, _ connection: Connection) -> (
        isAdmitted: Bool, evicted: Connection?
    ) {
        var evicted: Connection?
        if seats.count >= limit {
            let idle = seats.filter { !$0.value.isAsking }
            guard let oldest = idle.min(by: { $0.value.since < $1.value.since }) else { return (false, nil) }
            evicted = oldest.value.connection
            seats[oldest.key] = nil
        }
        beginnings += 1
        seats[number] = Seat(connection: connection, since: beginnings)
        return (true, evicted)
    }

    /// Its question is being answered, or is no more.
    mutating func note(_ number: ObjectIdentifier, isAsking: Bool) {
        beginnings += 1
        seats[number]?.isAsking = isAsking
        seats[number]?.since = beginnings
    }

    mutating func leave(_ number: ObjectIdentifier) {
        seats[number] = nil
    }
}
