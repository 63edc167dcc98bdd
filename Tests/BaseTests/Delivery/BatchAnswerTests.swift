import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import UnitProtocol

@testable import Base

/// What a dashboard may answer to many measurements.
@Suite(.timeLimit(.minutes(5))) struct BatchAnswerTests {
    /// Answers each request, when all of it is there, with the same words.
    private final class Dashboard: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let words: String

        init(_ words: String) { self.words = words }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let headers: HTTPHeaders = ["Content-Length": "\(words.utf8.count)"]
            context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: words)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    /// What comes of so many measurements that are answered with 200 and these words.
    private func outcome(of count: Int, _ words: String) async throws -> DeliveryOutcome {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Dashboard(words))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let configuration = try Configuration(
            json: """
                {"clients": [], "pusher": {"app-key": "k", "host": "127.0.0.1"},
                 "api": {"url": "http://127.0.0.1:\(server.localAddress?.port ?? 0)", "token": "t"}}
                """)
        let http = HTTPClient(eventLoopGroupProvider: .singleton)
        let client = WebhookClient(http: http, api: configuration.api, timeout: .seconds(60))
        let outcome = await client.deliver(
            try (0..<count).map { number in
                OutboxRecord(
                    key: OutboxKey(run: RunID(high: 1, low: 2), sequence: UInt64(number)), unit: .test(1),
                    acceptedAt: 0, measurement: try Measurement("on"))
            })
        try await http.shutdown()
        try await server.close()
        return outcome
    }

    @Test("a thousand refusals, each with a reason of 200 bytes, are read")
    func manyRefusals() async throws {
        let reason = String(repeating: "x", count: 200)
        let refusals = (0..<1000).map { #"{"index": \#($0), "status": 404, "reason": "\#(reason)"}"# }
        let answer = #"{"refused": [\#(refusals.joined(separator: ", "))]}"#
        #expect(answer.utf8.count > 3 * WebhookClient.answerLimit)
        #expect(
            try await outcome(of: 1000, answer)
                == .answered(Array(repeating: .rejected(status: 404, reason: reason), count: 1000)))
    }

    @Test("an answer that is none, or too long to be read, has the next request carry less")
    func unreadable() async throws {
        let limit = WebhookClient.answerLimit + 10 * WebhookClient.refusalBytes
        let tooMany = DeliveryOutcome.tooMany(
            reason: "the dashboard's answer to 10 measurements does not tell what it took, "
                + "or is longer than \(limit) bytes")
        for words in ["", "<html>", #"{"refused": []}"# + String(repeating: " ", count: limit)] {
            #expect(try await outcome(of: 10, words) == tooMany, "\(words.prefix(20))")
        }
        #expect(
            try await outcome(of: 10, #"{"refused": []}"#) == .answered(Array(repeating: .accepted, count: 10)))
    }
}
