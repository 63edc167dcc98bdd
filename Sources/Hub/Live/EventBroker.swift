/// What the hub needs of the broker that carries its events.
protocol EventBroker: Sendable {
    /// Sends an event to all who listen to a channel.
    ///
    /// - Parameter data: The event's data as JSON text.
    /// - Returns: How many connections listen.
    @discardableResult
    func publish(_ event: String, data: String, on channel: String) async -> Int

    /// How many connections listen to a channel.
    func listeners(on channel: String) async -> Int
}
