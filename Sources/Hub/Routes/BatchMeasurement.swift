import UnitProtocol

/// A measurement of a batch, as its sender wrote it: see ``BatchWebhookRoutes``.
struct BatchMeasurement: Equatable, Sendable {
    /// Nil where `ip` is no address.
    var address: IPv4Address?
    var value: String
    /// Nil where there is none, or another sender's.
    var key: MeasurementKey?
    var claim = BaseClocks.Claim()
}
