import AsyncHTTPClient
import NIOCore
import WebSocketClient

/// What is told to the dashboard beside measurements.
extension WebhookClient {
    enum PostOutcome: Equatable, Sendable {
        case accepted
        /// For good.
        case rejected(status: UInt16, reason: String)
        /// To be tried again, no sooner than `after` where the dashboard says so.
        case retry(reason: String, after: Duration?)
    }

    /// Posts a body of JSON.
    func post(_ json: String, to path: String) async -> PostOutcome {
        var request = HTTPClientRequest(url: api.url + path)
        request.method = .POST
        authorize(&request)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Accept", value: "application/json")
        request.body = .bytes(ByteBuffer(string: json))
        do {
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            let response = try await http.execute(request, deadline: deadline)
            let words = try? await Self.read(response.body, until: deadline)
            if case .retry(let reason, let after) = Self.retry(response.status, response.headers) {
                return .retry(reason: reason, after: after)
            }
            switch Self.verdict(response.status, words ?? ByteBuffer()) {
            case .accepted: return .accepted
            case .rejected(let status, let reason): return .rejected(status: status, reason: reason)
            }
        } catch {
            return .retry(reason: DialFailure.words(error), after: nil)
        }
    }
}
