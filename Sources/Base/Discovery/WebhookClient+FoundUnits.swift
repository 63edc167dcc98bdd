import Channels

extension WebhookClient {
    /// Proposes found units: `POST {api.url}/webhook/found-units` with a body of JSON.
    func propose(_ units: [FoundUnit]) async -> Proposals.Outcome {
        let body = JSONValue.object(["units": .array(units.map(\.json))]).text
        return switch await post(body, to: "/webhook/found-units") {
        case .accepted: .accepted
        case .rejected(404, _), .rejected(405, _): .unsupported
        case .rejected(_, let reason): .rejected(reason: reason)
        case .retry(let reason, let after): .retry(reason: reason, after: after)
        }
    }
}
