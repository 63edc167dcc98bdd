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

    private(set) var outcomes: [RequestOutcome: Int] = [:]
    private(set) var refusals: [Refusal: Int] = [:]
    /// From a request's arrival to the acknowledgement of its last byte, of those that were acknowledged.
    private(set) var latency = LatencyHistogram()
    /// Requests that were another base's to act on; they have no outcome here.
    private(set) var elsewhere = 0
    /// Results that the dashboard has taken, and those that it will not get.
    var reported = 0
    var unreported = 0

    /// Counts the end of a command.
    ///
    /// - Parameter took: From the request's arrival to the result.
    mutating func count(_ result: CommandResult, took: Duration) {
        guard result != .failed(.elsewhere) else {
            elsewhere += 1
            return
        }
        outcomes[RequestOutcome(result), default: 0] += 1
        if result == .acknowledged { latency.record(took) }
    }

    mutating func count(_ refusal: Refusal, _ number: Int = 1) {
        refusals[refusal, default: 0] += number
    }
}
