import NIOCore

/// The body of a request that carries many measurements.
///
///     {"measurements": [{"key": KEY, "ip": UNIT, "value": TEXT, "at": TAKEN, "age": AGE}, …]}
///
/// `at` is when it was taken, in milliseconds since 1970, and `age` how long ago that was, in milliseconds.
struct MeasurementBatch {
    let json: ByteBuffer

    init(_ records: [OutboxRecord], at now: OutboxMoment) {
        var json = ByteBuffer()
        json.reserveCapacity(32 + records.count * 160)
        var separator: StaticString = #"{"measurements":["#
        for record in records {
            json.writeStaticString(separator)
            json.writeString(#"{"key":"\#(record.key)","ip":"\#(record.unit)","value":"#)
            Self.write(record.measurement.text, to: &json)
            json.writeString(#","at":\#(record.acceptedAt),"age":\#(record.age(at: now))}"#)
            separator = ","
        }
        json.writeStaticString("]}")
        self.json = json
    }

    /// As a JSON string. A measurement's text holds no control character, so that two characters alone are escaped
    /// (RFC 8259, section 7).
    private static func write(_ text: String, to json: inout ByteBuffer) {
        json.writeInteger(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { json.writeInteger(UInt8(ascii: "\\")) }
            json.writeInteger(byte)
        }
        json.writeInteger(UInt8(ascii: "\""))
    }
}
