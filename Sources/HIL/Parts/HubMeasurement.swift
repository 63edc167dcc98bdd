/// A measurement as the hub has it.
struct HubMeasurement: Sendable, Equatable {
    var value: String
    /// When it was taken, in milliseconds since 1970.
    var at: Int
    /// How much later it was seen in the hub.
    var lag: Duration
}
