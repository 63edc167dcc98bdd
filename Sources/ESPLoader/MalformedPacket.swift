/// Why the content of a frame is neither a request nor a response.
public enum MalformedPacket: Error, Sendable, Equatable {
    /// The first byte is neither 00 (request) nor 01 (response) as wanted.
    case wrongDirection(UInt8?)
    /// Shorter than a header.
    case tooShort(bytes: Int)
    /// The length in the header is not that of the payload.
    case wrongLength(stated: Int, found: Int)
}
