/// What has become of requests since the start; plain numbers that only grow.
struct RequestStatistics: Equatable, Sendable {
    /// Why a request never became a command.
    enum Refusal: String, CaseIterable, Sendable {
        /// The event's data is no request.
        case malformed
        /// Too many requests are under way.
        case tooMany
        /// Encryption is required and the event is not encrypted.
        case notEncrypted
        /// The event is on the encrypted channel and cannot be read.
        case unreadable
    }

    var outcomes: [RequestOutcome: Int] = [:]
    var refusals: [Refusal: Int] = [:]
    /// From a request's arrival to the acknowledgement of its last byte, of those that were acknowledged.
    var latency = LatencyHistogram()
    /// Results that the dashboard has taken, and those that it will not get.
    var reported = 0
    var unreported = 0
}
