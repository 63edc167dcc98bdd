/// What a unit's firmware has of a network: one listener and at most one connection a unit, units by their number.
///
/// Nothing of it blocks. What happens is told to a ``FleetScheduler``: a client that waits, bytes or an end to read, room to
/// write, a broken connection.
protocol UnitNetwork: ~Copyable {
    /// Makes the unit's address its own; a client is still refused.
    ///
    /// - Returns: The port.
    /// - Throws: ``FleetError``.
    mutating func open(_ unit: Int, _ plan: UnitPlan) throws -> Int

    /// Answers clients from now on: so many may wait. Calling it again changes nothing.
    mutating func listen(_ unit: Int, _ plan: UnitPlan) throws

    /// Refuses clients, those who wait too, until it listens again.
    mutating func stopListening(_ unit: Int)

    /// Wants to be told, once, that a client waits.
    mutating func awaitClient(_ unit: Int)

    /// Makes the client that waits the unit's connection.
    mutating func accept(_ unit: Int) -> Accepted

    /// At most `room` bytes, more than none.
    mutating func receive(_ unit: Int, atMost room: Int) -> Received

    /// - Returns: How many of the bytes the connection has taken; where not all, there will be word of room to write.
    mutating func send(_ unit: Int, _ bytes: ArraySlice<UInt8>) -> Int

    /// Ends the connection, if there is one.
    mutating func end(_ unit: Int, _ ending: Ending)

    /// Whether what arrives for the unit is dropped without an answer.
    mutating func setDeaf(_ unit: Int, _ isDeaf: Bool)

    /// Answers what comes on a connection that ended by ``Ending/vanish`` with a reset from now on.
    mutating func answerVanished(_ unit: Int)
}

/// How a connection ends.
enum Ending: Hashable, Sendable {
    /// As the sketch stops a client: FIN.
    case close
    case reset
    /// As by a loss of power: the peer hears nothing, and gets no answer. Of a unit's connections one may be in this state;
    /// an older one is reset.
    case vanish
}

/// What came of an accept.
enum Accepted: Hashable, Sendable {
    case client
    /// It has gone meanwhile.
    case none
    /// There was no descriptor or no memory; the number is the system's error.
    case failed(Int32)
}

/// What came of a read.
enum Received: Hashable, Sendable {
    case bytes([UInt8])
    case nothing
    /// The peer's FIN, after all bytes before it.
    case end
    case reset
}
