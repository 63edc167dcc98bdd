/// Which connections there are, and which of them is the first to give way: the one that has waited longest for a question, and
/// where all have asked, the one that has had it longest without taking the answer.
struct OperationsSeats<Connection> {
    private struct Seat {
        var connection: Connection
        var hasAsked = false
        /// When it came, or has asked, counted in such moments.
        var since: Int
    }

    private let limit: Int
    private var seats: [ObjectIdentifier: Seat] = [:]
    private var moments = 0

    /// - Parameter limit: At least 1.
    init(limit: Int) {
        self.limit = limit
    }

    var all: [Connection] { seats.values.map(\.connection) }

    /// - Returns: The one whose place it takes.
    mutating func admit(_ number: ObjectIdentifier, _ connection: Connection) -> Connection? {
        var evicted: Connection?
        if seats.count >= limit {
            let first = seats.min {
                ($0.value.hasAsked ? 1 : 0, $0.value.since) < ($1.value.hasAsked ? 1 : 0, $1.value.since)
            }
            evicted = first?.value.connection
            if let first { seats[first.key] = nil }
        }
        moments += 1
        seats[number] = Seat(connection: connection, since: moments)
        return evicted
    }

    mutating func noteQuestion(_ number: ObjectIdentifier) {
        moments += 1
        seats[number]?.hasAsked = true
        seats[number]?.since = moments
    }

    mutating func leave(_ number: ObjectIdentifier) {
        seats[number] = nil
    }
}
