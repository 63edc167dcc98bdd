import AsyncHTTPClient
import Channels
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Tells other servers what happens on the broker: `POST {time_ms, events}`, signed with the app's secret.
///
/// Each receiver has its own ``WebhookQueue``, so that one that is down holds up no other. Events go in their order,
/// as many in a request as wait. A request that fails is tried again with back-off for five minutes, then dropped.
struct WebhookSender: Service {
    static let retryLimit = Duration.seconds(300)
    /// How long the last events may take at the shutdown.
    static let drainLimit = Duration.seconds(3)

    private struct Receiver {
        let url: URL
        let queue = WebhookQueue()
    }

    private let receivers: [Receiver]
    private let credentials: AppCredentials
    private let logger: Logger

    /// Nil when nobody wants to be told.
    init?(urls: [URL], credentials: AppCredentials, logger: Logger) {
        guard !urls.isEmpty else { return nil }
        receivers = urls.map { Receiver(url: $0) }
        self.credentials = credentials
        self.logger = logger
    }

    /// Never blocks.
    func send(_ event: WebhookEvent) {
        for receiver in receivers where !receiver.queue.put(event) {
            logger.warning(
                "webhook.dropped",
                metadata: ["event": "\(event.name.rawValue)", "url": "\(receiver.url.host() ?? "")"])
        }
    }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await deliverAll() }
            group.addTask {
                try? await gracefulShutdown()
                for receiver in receivers { receiver.queue.finish() }
                try? await Task.sleep(for: Self.drainLimit)
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func deliverAll() async {
        await withTaskGroup(of: Void.self) { group in
            for receiver in receivers {
                group.addTask {
                    for await _ in receiver.queue.signals {
                        while !Task.isCancelled {
                            let batch = receiver.queue.take()
                            if batch.isEmpty { break }
                            await deliver(batch, to: receiver.url)
                        }
                    }
                }
            }
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

    private func deliver(_ events: [WebhookEvent], to url: URL) async {
        let time = Int(Date().timeIntervalSince1970 * 1000)
        guard let body = try? JSONEncoder().encode(Body(timeMilliseconds: time, events: events)) else { return }
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
            guard clock.now + pause < end else { break }
            try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, .seconds(30))
        }
        logger.warning(
            "webhook.abandoned", metadata: ["url": "\(url.host() ?? "")", "events": "\(events.count)"])
    }

    private func isTaken(_ request: HTTPClientRequest) async -> Bool {
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(10)) else { return false }
        _ = try? await response.body.collect(upTo: 64 * 1024)
        return (200..<300).contains(response.status.code)
    }
}
