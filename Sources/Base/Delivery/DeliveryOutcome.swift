/// What became of a request that carried measurements.
enum DeliveryOutcome: Equatable, Sendable {
    /// What became of each measurement, in their order.
    case answered([Verdict])
    /// All may go through later: the server is away, overloaded or broken.
    case retry(reason: String, after: Duration?)
    /// It was too much for one request, or the dashboard does not take several after all.
    case tooMany(reason: String)

    enum Verdict: Equatable, Sendable {
        case accepted
        /// It never will be.
        case rejected(status: UInt16, reason: String)

        /// The dashboard's words where it is the token that it refuses: 401 or 403.
        var unauthorized: String? {
            if case .rejected(401, let reason) = self { return reason }
            if case .rejected(403, let reason) = self { return reason }
            return nil
        }
    }
}
