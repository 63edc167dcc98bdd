import Hummingbird
import Logging
import Synchronization

@testable import Up

/// An HTTP server that answers as it is told, and notes what it is asked.
final class FakeHub: Sendable {
    struct Answer: Sendable {
        var status = HTTPResponse.Status.ok
        var headers: HTTPFields = [:]
        var body = "{}"
    }

    /// The answers to `GET /path`, one after the other; the last one stays.
    private let answers: Mutex<[String: [Answer]]>
    private let asked = Mutex<[String]>([])

    private init(_ answers: [String: [Answer]]) {
        self.answers = Mutex(answers)
    }

    /// What was asked: `POST /path credentials body`, the credentials a token or a cookie.
    var requests: [String] { asked.withLock { $0 } }

    /// Runs `body` beside a hub that gives these answers, and 404 to all else.
    static func run(
        _ answers: [String: [Answer]], isolation: isolated (any Actor)? = #isolation,
        _ body: (FakeHub, HubClient) async throws -> Void
    ) async throws {
        let hub = FakeHub(answers)
        let router = Router()
        for method in [HTTPRequest.Method.get, .post, .delete] {
            router.on("**", method: method) { request, _ in try await hub.answer(request) }
        }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "fake hub")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: logger)
        let server = Task { try await application.runService(gracefulShutdownSignals: []) }
        defer { server.cancel() }
        let number = await ports.first { _ in true } ?? 0
        try await body(hub, HubClient(hub: HubAddress(url: "http://127.0.0.1:\(number)"), token: "t"))
    }

    private func answer(_ request: Request) async throws -> Response {
        let body = String(buffer: try await request.body.collect(upTo: 1 << 20))
        let credentials = request.headers[.authorization] ?? request.headers[.cookie] ?? "-"
        let what = "\(request.method) \(request.uri.path)"
        asked.withLock { $0.append("\(what) \(credentials) \(body)") }
        let answer = answers.withLock { answers in
            let list = answers[what] ?? [Answer(status: .notFound)]
            if list.count > 1 { answers[what] = Array(list.dropFirst()) }
            return list[0]
        }
        return Response(
            status: answer.status, headers: answer.headers, body: .init(byteBuffer: .init(string: answer.body)))
    }
}
