import AsyncHTTPClient
import NIOCore

extension WebhookClient {
    /// Tells what became of a request: `POST {api.url}/webhook/request-result` with a body of JSON.
    func report(_ report: RequestReport) async -> DeliveryQueues.Outcome {
        var request = HTTPClientRequest(url: "\(api.url)/webhook/request-result")
        request.method = .POST
        authorize(&request)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Accept", value: "application/json")
        request.body = .bytes(ByteBuffer(string: report.json.text))
        do {
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            let response = try await http.execute(request, deadline: deadline)
            let words = try? await Self.read(response.body, until: deadline)
            return Self.outcome(response.status, response.headers, words ?? ByteBuffer())
        } catch {
            return .retry(reason: "\(error)", after: nil)
        }
    }
}
