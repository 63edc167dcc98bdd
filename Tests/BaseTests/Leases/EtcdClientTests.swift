import AsyncHTTPClient
import Channels
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Base

/// The client beside an etcd that answers what it should not.
@Suite(.timeLimit(.minutes(5))) struct EtcdClientTests {
    /// Answers each request with the next of its answers, then with the last one; an empty one is no answer at all.
    private final class Answers: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let rest: Mutex<[String]>
        private let count = Mutex(0)

        /// How many requests have come.
        var asked: Int { count.withLock(\.self) }

        init(_ answers: [String]) { rest = Mutex(answers) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard String(buffer: unwrapInboundIn(data)).contains("POST ") else { return }
            count.withLock { $0 += 1 }
            let answer = rest.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            guard !answer.isEmpty else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }

    private static func answer(_ body: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Calls a client that knows a silent member first, then one that answers thus.
    private func ask<Value: Sendable>(
        _ answers: [String], user: Bool = false, silent: Answers = Answers([""]),
        _ body: @Sendable (EtcdClient) async throws -> Value
    ) async throws -> Value {
        func serve(_ handler: Answers) async throws -> any Channel {
            try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler) }
                }
                .bind(host: "127.0.0.1", port: 0).get()
        }
        let servers = [try await serve(silent), try await serve(Answers(answers))]
        let list = servers.map { "\"http://127.0.0.1:\($0.localAddress?.port ?? 0)\"" }.joined(separator: ", ")
        let configuration = try Configuration(
            json: """
                {"clients": [], "api": {"url": "http://127.0.0.1:1", "token": "t"},
                 "pusher": {"app-key": "k", "host": "127.0.0.1"},
                 "cluster": {"etcd": [\(list)], "lease": "18s"\(user ? #", "user": "u", "password": "p""# : "")}}
                """)
        let http = HTTPClient(eventLoopGroupProvider: .singleton)
        let client = EtcdClient(http: http, settings: try #require(configuration.cluster))
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        try await http.shutdown()
        for server in servers { try await server.close() }
        return try result.get()
    }

    @Test("a member that does not answer is passed over, and the one that has answered is asked first from then on")
    func failsOver() async throws {
        let silent = Answers([""])
        let granted = try await ask([Self.answer(#"{"ID": "7587", "TTL": "3"}"#)], silent: silent) { client in
            var last: (lease: Int64, ttl: Int) = (0, 0)
            for _ in 0..<40 { last = try await client.grant(ttl: 3) }
            return [last.lease, Int64(last.ttl)]
        }
        #expect(granted == [7587, 3])
        // Again where a busy machine makes the other one late.
        #expect((1..<20).contains(silent.asked))
    }

    @Test(
        "a lease that etcd does not know is gone: an error, or a keepalive without a time",
        arguments: [
            (#"{"result": {"ID": "7"}}"#, "200 OK"),
            (#"{"error": "etcdserver: requested lease not found", "code": 5}"#, "404 Not Found"),
        ])
    func gone(body: String, status: String) async throws {
        await #expect(throws: LeaseError.leaseGone) {
            try await ask([Self.answer(body, status: status)]) { try await $0.keepAlive(7) }
        }
    }

    @Test(
        "what cannot be read is told, and is nothing else",
        arguments: [
            "{}", "[]", #"{"ID": "x", "TTL": "3"}"#, #"{"ID": "7", "TTL": "-3"}"#, #"{"ID": 1e300, "TTL": "3"}"#,
        ])
    func unreadable(body: String) async throws {
        await #expect(throws: LeaseError.unreadable("a grant without ID or TTL")) {
            try await ask([Self.answer(body)]) { _ = try await $0.grant(ttl: 3) }
        }
    }

    @Test(
        "no JSON, a failing member and an answer without end count as no answer",
        arguments: [
            answer("<html>"), answer(#"{"error": "etcdserver: no leader"}"#, status: "503 Service Unavailable"),
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", answer(String(repeating: "[", count: 1 << 21)),
        ])
    func unreachable(text: String) async throws {
        let error = await #expect(throws: LeaseError.self) { try await ask([text]) { _ = try await $0.grant(ttl: 3) } }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a key that was there is not made; the token of one that was not is the transaction's revision")
    func transactions() async throws {
        let both =
            #"{"header": {"revision": "41"}, "responses": [{"response_txn": {}}, {"response_txn": {"succeeded": true}}]}"#
        let tokens = try await ask([Self.answer(both)]) { try await $0.create(["/j", "/k"], "v", lease: 1) }
        #expect(tokens == [nil, 41])
        await #expect(throws: LeaseError.unreadable("a transaction with another number of answers")) {
            try await ask([Self.answer(both)]) { _ = try await $0.create("/k", "v", lease: 1) }
        }
    }

    @Test("a range with more keys is read on, and pairs that are none are an error")
    func ranges() async throws {
        let first =
            #"{"header": {"revision": "9"}, "more": true, "kvs": [{"key": "L3AvYQ==", "create_revision": "3"}]}"#
        let second =
            #"{"header": {"revision": "9"}, "kvs": [{"key": "L3AvYg==", "value": "eA==", "create_revision": "4", "lease": "5"}]}"#
        let pairs = try await ask([first, second].map { Self.answer($0) }) {
            try await $0.pairs(under: "/p/", limit: 10).pairs
        }
        #expect(
            pairs == [
                EtcdClient.Pair(key: "/p/a", value: "", lease: 0, createRevision: 3),
                EtcdClient.Pair(key: "/p/b", value: "x", lease: 5, createRevision: 4),
            ])
        await #expect(throws: LeaseError.tooManyKeys(5)) {
            try await ask([Self.answer(first)]) { _ = try await $0.pairs(under: "/p/", limit: 5) }
        }
    }

    @Test("a token that is not taken any more is asked for anew, once")
    func logsIn() async throws {
        let answers = [
            Self.answer(#"{"token": "one"}"#), Self.answer(#"{"ID": "1", "TTL": "3"}"#),
            Self.answer(#"{"error": "etcdserver: invalid auth token", "code": 16}"#, status: "401 Unauthorized"),
            Self.answer(#"{"token": "two"}"#), Self.answer(#"{"ID": "2", "TTL": "3"}"#),
        ]
        let leases = try await ask(answers, user: true) { client in
            [try await client.grant(ttl: 3).lease, try await client.grant(ttl: 3).lease]
        }
        #expect(leases == [1, 2])
    }
}
