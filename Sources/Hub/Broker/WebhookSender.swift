import AsyncHTTPClient
import Channels
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Tells other servers what happens on the broker: `POST {time_ms, events}`, signed with the app's secret.
///
/// Events go one a request, in their order. A request that fails is tried again with back-off for five minutes, then dropped; at most
/// ``queueLimit`` events wait, newer ones are dropped then, and the drop is logged.
struct WebhookSender: Service {
    static let queueLimit = 10_000
    static let retryLimit = Duration.seconds(300)

    private let urls: [URL]
    private let credentials: AppCredentials
    private let logger: Logger
    private let events: AsyncStream<WebhookEvent>
    private let continuation: AsyncStream<WebhookEvent>.Continuation

    /// Nil when nobody wants to be told.
    init?(urls: [URL], credentials: AppCredentials, logger: Logger) {
        guard !urls.isEmpty else { return nil }
        self.urls = urls
        self.credentials = credentials
        self.logger = logger
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
    }

    /// Never blocks.
    func send(_ event: WebhookEvent) {
        if case .dropped = continuation.yield(event) {
            logger.warning("webhook.dropped", metadata: ["event": "\(event.name.rawValue)"])
        }
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            for await event in events {
                await deliver(event)
            }
        } onGracefulShutdown: {
            continuation.finish()
        }
    }

    private struct Body: Encodable {
        let timeMilliseconds: Int
        let events: [WebhookEvent]

        enum CodingKeys: String, CodingKey {
            case timeMilliseconds = "time_ms"
            case events
        }
    }

    private func deliver(_ event: WebhookEvent) async {
        let time = Int(Date().timeIntervalSince1970 * 1000)
        guard let body = try? JSONEncoder().encode(Body(timeMilliseconds: time, events: [event])) else { return }
        await withTaskGroup(of: Void.self) { group in
            for url in urls {
                group.addTask { await post(body, to: url) }
            }
        }
    }

    private func post(_ body: Data, to url: URL) async {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "X-Pusher-Key", value: credentials.key)
        request.headers.add(name: "X-Pusher-Signature", value: credentials.webhookSignature(body: body))
        request.body = .bytes(ByteBuffer(bytes: body))
        let clock = ContinuousClock()
        let end = clock.now + Self.retryLimit
        var pause = Duration.milliseconds(250)
        while !Task.isCancelled {
            if await isTaken(request) { return }
            guard clock.now + pause < end, !Task.isShuttingDownGracefully else { break }
            try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, .seconds(30))
        }
        logger.warning("webhook.abandoned", metadata: ["url": "\(url.host() ?? "")"])
    }

    private func isTaken(_ request: HTTPClientRequest) async -> Bool {
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(10)) else { return false }
        _ = try? await response.body.collect(upTo: 64 * 1024)
        return (200..<300).contains(response.status.code)
    }
}
