/// What runs the units of a fleet: this process or workers of it.
protocol FleetHost: Sendable {
    /// Takes all addresses.
    ///
    /// - Returns: The port of each unit, in their order.
    /// - Throws: ``FleetError``.
    func open() async throws -> [Int]

    /// Begins the run; returns when all units listen that have power from the beginning.
    func start() async throws

    /// Waits until the units cannot go on; returns when the waiting task is cancelled.
    ///
    /// - Throws: ``FleetError``.
    func watch() async throws

    /// Lets a fault happen now.
    ///
    /// - Returns: At how many units.
    /// - Throws: ``FleetError`` where not all of this fleet's processes have answered.
    func inject(_ event: FaultEvent) async throws -> Int

    func snapshot() async -> FleetSnapshot

    /// Ends all measuring; what was sent still goes out.
    ///
    /// - Returns: How many lines each unit has measured whose signal is a counter, by the unit's number.
    func halt() async -> [Int: MeasuredLines]

    /// Ends all connections and listeners.
    func stop() async
}
