extension WebhookClient {
    /// Tells what became of a request: `POST {api.url}/webhook/request-result` with a body of JSON.
    func report(_ report: RequestReport) async -> ReportQueue.Outcome {
        switch await post(report.json.text, to: "/webhook/request-result") {
        case .accepted: .accepted
        case .rejected(_, let reason): .rejected(reason: reason)
        case .retry(let reason, let after): .retry(reason: reason, after: after)
        }
    }
}
