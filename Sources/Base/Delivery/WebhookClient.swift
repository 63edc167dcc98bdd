import AsyncHTTPClient
import Channels
import NIOCore
import NIOHTTP1
import UnitProtocol
import WebSocketClient
import class Foundation.JSONDecoder
import struct Foundation.Data

/// The dashboard's HTTP interface: measurements in, authorizations out.
struct WebhookClient: Sendable {
    let http: HTTPClient
    let api: APISettings
    let timeout: Duration
    /// For single measurements, where the dashboard is one of plain HTTP; else all goes through ``http``.
    var plain: PlainClient?
    var clock = OutboxClock.system

    /// The most bytes of an answer that are read, where it does not tell of many measurements.
    static let answerLimit = 64 * 1024

    /// Delivers one measurement, or several in one request where the dashboard takes them.
    func deliver(_ records: [OutboxRecord]) async -> DeliveryOutcome {
        await withCheckedContinuation { continuation in
            deliver(records) { continuation.resume(returning: $0) }
        }
    }

    /// Never waits; `end` is called once, and later.
    func deliver(_ records: [OutboxRecord], end: @escaping @Sendable (DeliveryOutcome) -> Void) {
        guard records.count == 1 else {
            Task { end(await deliverTogether(records)) }
            return
        }
        let update = MeasurementUpdate(records[0], at: clock.now)
        if let plain, let update {
            put(update, over: plain, end: end)
        } else {
            Task {
                guard let update else { return end(MeasurementUpdate.impossible) }
                end(await put(update))
            }
        }
    }

    private func put(
        _ update: MeasurementUpdate, over plain: PlainClient, end: @escaping @Sendable (DeliveryOutcome) -> Void
    ) {
        let headers = HTTPHeaders(credentials + update.headers)
        let request = PlainRequest(method: .PUT, target: plain.origin.path + update.path, headers: headers) { result in
            switch result {
            case .success(let answer):
                end(
                    Self.retry(answer.status, answer.headers)
                        ?? .answered([Self.verdict(answer.status, answer.body)]))
            case .failure(.tooSlow): end(.retry(reason: "\(PlainFailure.tooSlow) (webhook.timeout)", after: nil))
            case .failure(let failure): end(.retry(reason: "\(failure)", after: nil))
            }
        }
        plain.send(request)
    }

    private func put(_ update: MeasurementUpdate) async -> DeliveryOutcome {
        var request = HTTPClientRequest(url: api.url + update.path)
        request.method = .PUT
        authorize(&request)
        for (name, value) in update.headers { request.headers.add(name: name, value: value) }
        return await answer(request) { status, words in
            .answered([Self.verdict(status, words)])
        }
    }

    /// - Parameters:
    ///   - limit: The most bytes of the answer that are read; of a longer one none are.
    ///   - isTold: Whether the answer's body says what became of the request: one that breaks off is none then.
    func answer(
        _ request: HTTPClientRequest, limit: Int = answerLimit, isTold: Bool = false,
        _ judge: (HTTPResponseStatus, ByteBuffer) -> DeliveryOutcome
    ) async -> DeliveryOutcome {
        do {
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            let response = try await http.execute(request, deadline: deadline)
            // Read to the end, so that the connection can be used again.
            var words = ByteBuffer()
            do {
                words = try await Self.read(response.body, until: deadline, limit: limit)
            } catch {
                let isTooLong = if case AnswerError.tooLong = error { true } else { false }
                // Else the status alone tells.
                if isTold, !isTooLong {
                    return .retry(reason: "the dashboard's answer broke off: \(error)", after: nil)
                }
            }
            if let retry = Self.retry(response.status, response.headers) { return retry }
            return judge(response.status, words)
        } catch {
            return .retry(reason: DialFailure.words(error), after: nil)
        }
    }

    /// Asks for the signature of a private channel: `POST {api.url}{pusher.auth}` as a form.
    ///
    /// - Throws: ``AuthorizationError``, or why there was no answer.
    func authorization(channel: String, socketID: String, path: String) async throws -> AuthorizationAnswer {
        var request = HTTPClientRequest(url: api.url + path)
        request.method = .POST
        authorize(&request)
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "Accept", value: "application/json")
        let form = "socket_id=\(socketID.percentEncoded)&channel_name=\(channel.percentEncoded)"
        request.body = .bytes(ByteBuffer(string: form))
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, deadline: deadline)
        } catch {
            throw AuthorizationError.unanswered(DialFailure.words(error), request.url)
        }
        let body = try await Self.read(response.body, until: deadline)
        guard response.status == .ok else { throw AuthorizationError.refused(Int(response.status.code), request.url) }
        do {
            return try JSONDecoder().decode(AuthorizationAnswer.self, from: Data(body.readableBytesView))
        } catch {
            throw AuthorizationError.unreadable(request.url)
        }
    }

    /// The rest of an answer. The deadline is looked at whenever bytes come; that some come is the read time-out's matter.
    ///
    /// - Throws: ``AnswerError`` when it is too long or too slow; its connection is then given up.
    static func read(
        _ body: HTTPClientResponse.Body, until deadline: NIODeadline, limit: Int = answerLimit
    ) async throws -> ByteBuffer {
        var all = ByteBuffer()
        for try await piece in body {
            guard all.readableBytes + piece.readableBytes <= limit else { throw AnswerError.tooLong(limit) }
            guard NIODeadline.now() < deadline else { throw AnswerError.tooSlow }
            all.writeImmutableBuffer(piece)
        }
        return all
    }

    /// Stands in each request.
    private var credentials: [(String, String)] {
        [("Authorization", "Bearer \(api.token.exposed)"), ("User-Agent", "iot-base")]
    }

    func authorize(_ request: inout HTTPClientRequest) {
        for (name, value) in credentials { request.headers.add(name: name, value: value) }
    }

    /// Whether an answer may be another one later. A redirect is not followed, since that would carry the token elsewhere, and
    /// tells nothing of the measurement: a captive portal, or a dashboard that has moved.
    static func isPassing(_ code: UInt) -> Bool {
        switch code {
        case ..<200, 300..<400, 408, 425, 429, 500...: true
        default: false
        }
    }

    /// Nil where the answer is one for good.
    static func retry(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) -> DeliveryOutcome? {
        isPassing(status.code)
            ? .retry(reason: "the dashboard answered \(status)", after: retryAfter(headers)) : nil
    }

    /// - Parameter words: The answer's body, which says why a measurement is refused.
    static func verdict(_ status: HTTPResponseStatus, _ words: ByteBuffer = ByteBuffer()) -> DeliveryOutcome.Verdict {
        (200..<300).contains(status.code)
            ? .accepted
            : .rejected(status: UInt16(status.code), reason: "the dashboard answered \(status)\(quote(words))")
    }

    /// The most bytes of an answer that are told.
    static let quoteLimit = 200

    /// The beginning of an answer's text; what is not UTF-8 in it, a character that is cut in two as well, is left away.
    static func quote(_ words: ByteBuffer) -> String {
        let text = String(decoding: words.readableBytesView.prefix(quoteLimit), as: UTF8.self)
            .filter { $0 != "\u{FFFD}" }
        let start = text.drop(while: \.isWhitespace)
        return start.isEmpty ? "" : ": \(start)"
    }

    private static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
        headers.first(name: "Retry-After").flatMap { RetryAfter.pause($0, now: OutboxClock.system.wall()) }
    }
}

/// What a dashboard answers to an authorization request.
struct AuthorizationAnswer: Decodable, Equatable {
    var auth: String
    var channelData: String?
    /// The key of an encrypted channel, in base64.
    var sharedSecret: String?

    enum CodingKeys: String, CodingKey {
        case auth
        case channelData = "channel_data"
        case sharedSecret = "shared_secret"
    }
}

enum AnswerError: Error, Equatable, CustomStringConvertible {
    case tooLong(Int)
    case tooSlow

    var description: String {
        switch self {
        case .tooLong(let limit): "the dashboard's answer is longer than \(limit) bytes"
        case .tooSlow: "the dashboard's answer did not end in time (webhook.timeout)"
        }
    }
}

enum AuthorizationError: Error, Equatable, CustomStringConvertible {
    /// With the address that was asked.
    case refused(Int, String)
    case unreadable(String)
    case unanswered(String, String)

    var description: String {
        switch self {
        case .refused(let status, let url):
            "\(url) answered \(status)" + (Self.question(status).map { "; \($0)" } ?? "")
        case .unreadable(let url): "the answer of \(url) holds no signature; is pusher.auth the right path?"
        case .unanswered(let reason, let url): "\(url) has not answered: \(reason)"
        }
    }

    private static func question(_ status: Int) -> String? {
        switch status {
        case 401: "is api.token right?"
        case 403: "may the token's owner see this channel?"
        case 404: "is pusher.auth the right path?"
        default: nil
        }
    }
}
