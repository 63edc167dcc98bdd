/// A dead letter for programs, as `iot base dead-letters list --json` prints it.
struct DeadLetterLine: Encodable, Equatable {
    var key: String
    var unit: String
    var value: String
    /// Milliseconds since 1970.
    var measuredAt: Int64
    /// Milliseconds since 1970.
    var refusedAt: Int64
    /// Of the dashboard's answer; 0 where it was never sent.
    var status: UInt16
    var reason: String
    /// Whether somebody has asked for another try.
    var retried: Bool

    init(_ letter: DeadLetter, isRetried: Bool) {
        key = "\(letter.record.key)"
        unit = "\(letter.record.unit)"
        value = letter.record.measurement.text
        measuredAt = letter.record.acceptedAt
        refusedAt = letter.refusedAt
        status = letter.status
        reason = letter.reason
        retried = isRetried
    }
}
