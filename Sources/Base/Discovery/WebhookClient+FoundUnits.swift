import AsyncHTTPClient
import Channels
import NIOCore

extension WebhookClient {
    /// Proposes found units: `POST {api.url}/webhook/found-units` with a body of JSON.
    func propose(_ units: [FoundUnit]) async -> Proposals.Outcome {
        var request = HTTPClientRequest(url: "\(api.url)/webhook/found-units")
        request.method = .POST
        authorize(&request)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Accept", value: "application/json")
        request.body = .bytes(ByteBuffer(string: JSONValue.object(["units": .array(units.map(\.json))]).text))
        do {
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            let response = try await http.execute(request, deadline: deadline)
            let words = try? await Self.read(response.body, until: deadline)
            if response.status == .notFound || response.status == .methodNotAllowed { return .unsupported }
            if case .retry(let reason, let after) = Self.retry(response.status, response.headers) {
                return .retry(reason: reason, after: after)
            }
            switch Self.verdict(response.status, words ?? ByteBuffer()) {
            case .accepted: return .accepted
            case .rejected(_, let reason): return .rejected(reason: reason)
            }
        } catch {
            return .retry(reason: "\(error)", after: nil)
        }
    }
}
