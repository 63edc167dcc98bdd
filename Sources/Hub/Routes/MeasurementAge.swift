/// How long ago a measurement was taken, as its base says: both clocks may be wrong, and the difference is not.
enum MeasurementAge {
    /// In milliseconds, as a decimal number.
    static let header = "X-Measurement-Age"
    /// Older ones are not believed: 10 years, the longest that a base keeps one.
    private static let most: Int64 = 10 * 366 * 86_400_000

    /// When it was taken by the hub's clock: now, where the age is missing or makes no sense.
    static func moment(_ milliseconds: Int64?, before now: Timestamp) -> Timestamp {
        guard let milliseconds, (0...most).contains(milliseconds) else { return now }
        return Timestamp(milliseconds: now.milliseconds - milliseconds)
    }
}
