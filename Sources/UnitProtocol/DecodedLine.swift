/// One line of a read unit, as ``MeasurementDecoder`` judges it.
public enum DecodedLine: Hashable, Sendable {
    case measurement(Measurement)
    case malformed(MalformedLine)
}
