import Channels

/// The request that carries one measurement: `PUT {api.url}/webhook/update-unit/{ip}/{value}`, without a body.
struct MeasurementUpdate: Equatable, Sendable {
    /// Behind the dashboard's address.
    let path: String
    let key: OutboxKey
    /// When it was taken: milliseconds since 1970.
    let measuredAt: Int64
    /// How long ago that was, in milliseconds.
    let age: Int64

    /// Nil where the value cannot stand in a URL: a lone dot or two would be a step in the path, percent-encoded or not
    /// (RFC 3986, section 6.2.2.3).
    init?(_ record: OutboxRecord, at now: OutboxMoment) {
        let text = record.measurement.text
        guard text != ".", text != ".." else { return nil }
        path = "/webhook/update-unit/\(record.unit)/\(text.percentEncoded)"
        key = record.key
        measuredAt = record.acceptedAt
        age = record.age(at: now)
    }

    /// What becomes of a measurement that has none.
    static let impossible = DeliveryOutcome.answered([
        .rejected(status: 0, reason: "the value would be a step in the URL's path")
    ])

    var headers: [(String, String)] {
        [("Idempotency-Key", "\(key)"), ("X-Measured-At", "\(measuredAt)"), ("X-Measurement-Age", "\(age)")]
    }
}
