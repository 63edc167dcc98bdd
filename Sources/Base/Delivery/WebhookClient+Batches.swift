import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import struct Foundation.Data
import class Foundation.JSONDecoder

/// Many measurements in one request, for dashboards that say that they take it: `POST {api.url}/webhook/update-units`.
extension WebhookClient {
    private static let path = "/webhook/update-units"
    /// The header in which a dashboard says how many measurements a request may carry.
    static let limitHeader = "X-Most-Measurements"

    /// The bytes that an answer may take for each measurement, beyond ``WebhookClient/answerLimit``: a refusal whose reason is as
    /// long as it may be told, and twice that.
    static let refusalBytes = 512

    /// Those that the dashboard does not take, by their place in the request.
    struct BatchAnswer: Decodable {
        struct Refusal: Decodable {
            var index: Int
            var status: UInt16
            var reason: String?
        }

        var refused: [Refusal]
    }

    /// How many measurements a request may carry: what the dashboard answers to OPTIONS; 1 where it knows no batches.
    ///
    /// - Returns: Nil where there was no answer that tells.
    func mostMeasurements() async -> Int? {
        var request = HTTPClientRequest(url: api.url + Self.path)
        request.method = .OPTIONS
        authorize(&request)
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        guard let response = try? await http.execute(request, deadline: deadline) else { return nil }
        _ = try? await Self.read(response.body, until: deadline)
        guard response.status.code < 500 else { return nil }
        guard (200..<300).contains(response.status.code),
            response.headers[canonicalForm: "Allow"].contains("POST"),
            let most = response.headers.first(name: Self.limitHeader).flatMap({ Int($0) }), most > 0
        else { return 1 }
        return most
    }

    func deliverTogether(_ records: [OutboxRecord]) async -> DeliveryOutcome {
        var request = HTTPClientRequest(url: api.url + Self.path)
        request.method = .POST
        authorize(&request)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(MeasurementBatch(records, at: clock.now).json)
        let limit = Self.answerLimit + records.count * Self.refusalBytes
        return await answer(request, limit: limit, isTold: true) { status, words in
            guard (200..<300).contains(status.code) else {
                return .tooMany(
                    reason: "the dashboard answered \(status) to \(records.count) measurements\(Self.quote(words))")
            }
            var verdicts = [DeliveryOutcome.Verdict](repeating: .accepted, count: records.count)
            guard let answer = try? JSONDecoder().decode(BatchAnswer.self, from: Data(words.readableBytesView)) else {
                // What was taken is known by its key when it comes again, in the end one by one, where the status tells.
                return .tooMany(
                    reason: "the dashboard's answer to \(records.count) measurements does not tell what it took, "
                        + "or is longer than \(limit) bytes")
            }
            if let passing = answer.refused.first(where: { Self.isPassing(UInt($0.status)) }) {
                return .retry(reason: "the dashboard answered \(passing.status) to one of a batch", after: nil)
            }
            for refusal in answer.refused where verdicts.indices.contains(refusal.index) {
                let reason = (refusal.reason ?? "the dashboard answered \(refusal.status)").prefix(Self.quoteLimit)
                verdicts[refusal.index] = .rejected(status: refusal.status, reason: String(reason))
            }
            return .answered(verdicts)
        }
    }
}
