import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing
import TestSupport

@testable import Base

/// One request at a time over each kept connection, before servers that do as they like.
@Suite(.timeLimit(.minutes(5))) struct PlainClientTests {
    typealias Outcome = Result<PlainAnswer, PlainFailure>

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    private static let hi = PlainAnswer(
        status: .ok, headers: ["Content-Length": "2"], body: ByteBuffer(string: "hi"))

    private func connections(
        to port: Int, most: Int = 4, timeout: Duration = .seconds(60), limit: Int = 1000, idle: Duration = .seconds(60),
        on loops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton.next()
    ) throws -> PlainClient {
        PlainClient(
            origin: try #require(PlainOrigin("http://127.0.0.1:\(port)/board")), most: most, timeout: timeout,
            answerLimit: limit, idleLimit: idle, group: loops)
    }

    private func put(_ connections: PlainClient, _ target: String = "/one") async -> Outcome {
        await withCheckedContinuation { continuation in
            connections.send(
                PlainRequest(method: .PUT, target: target, headers: ["Authorization": "Bearer t"]) {
                    continuation.resume(returning: $0)
                })
        }
    }

    /// What comes of one request that is answered so.
    private func outcome(
        of reaction: ScriptedServer.Reaction, timeout: Duration = .seconds(60), limit: Int = 1000
    ) async throws -> Outcome {
        let server = try await ScriptedServer { _, _ in reaction }
        let connections = try connections(to: server.port, timeout: timeout, limit: limit)
        let outcome = await put(connections)
        await connections.close()
        try await server.close()
        return outcome
    }

    @Test("a request stands on the wire as HTTP/1.1 says, and the next ones use its connection")
    func wire() async throws {
        let server = try await ScriptedServer { _, _ in .bytes(Self.ok) }
        let connections = try connections(to: server.port)
        #expect(await put(connections, "/one?two=3") == .success(Self.hi))
        #expect(await put(connections) == .success(Self.hi))
        func head(_ target: String) -> String {
            "PUT \(target) HTTP/1.1\r\nAuthorization: Bearer t\r\nHost: 127.0.0.1:\(server.port)\r\n"
                + "Content-Length: 0\r\n\r\n"
        }
        #expect(
            server.requests == [
                .init(connection: 1, number: 1, head: head("/one?two=3")),
                .init(connection: 1, number: 2, head: head("/one")),
            ])
        await connections.close()
        try await server.close()
    }

    @Test("a body ends where its length, its chunks, its status or the connection says")
    func bodies() async throws {
        func answer(_ head: String, _ body: String, status: HTTPResponseStatus = .ok) -> Outcome {
            let headers = head.split(separator: "\r\n").dropFirst().map { line in
                let parts = line.split(separator: ": ", maxSplits: 1)
                return (String(parts[0]), String(parts[1]))
            }
            return .success(PlainAnswer(status: status, headers: HTTPHeaders(headers), body: ByteBuffer(string: body)))
        }
        for (head, sent, body) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello", "hello"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", ""),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"),
        ] {
            #expect(try await outcome(of: .bytes(head + sent)) == answer(head, body))
        }
        for head in ["HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n"] {
            #expect(try await outcome(of: .last(head + "hello")) == answer(head, "hello"))
        }
        let early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        #expect(try await outcome(of: .bytes(early + early + Self.ok)) == .success(Self.hi))
        #expect(
            try await outcome(of: .bytes("HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"))
                == answer("HTTP/1.1 204\r\nServer: x", "", status: .noContent))
        #expect(
            try await outcome(of: .bytes("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"))
                == answer(
                    "HTTP/1.1 429\r\nRetry-After: 7\r\nContent-Length: 0", "", status: .tooManyRequests))
    }

    @Test("what is no HTTP is refused")
    func garbage() async throws {
        let many = (0..<200).map { "H\($0): x\r\n" }.joined()
        for words in [
            "SSH-2.0-OpenSSH_9.6\r\n\r\n", "HTTP/1.1 99 Low\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "\0\0\0\0\0\0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\(many)Content-Length: 0\r\n\r\n",
        ] {
            let outcome = try await outcome(of: .last(words))
            guard case .failure(.unreadable) = outcome else {
                Issue.record("\(words.prefix(80).debugDescription) was taken as \(outcome)")
                continue
            }
        }
    }

    @Test("an answer that is cut, too long or too slow tells its status alone, once that is there")
    func cutAndLong() async throws {
        let cut = try await outcome(of: .last("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"))
        #expect(cut == .success(PlainAnswer(status: .ok, headers: ["Content-Length": "5"], body: ByteBuffer())))
        #expect(try await outcome(of: .last("HTTP/1.1 20")) == .failure(.connectionEnded(hasBegun: true)))
        #expect(try await outcome(of: .last("")) == .failure(.connectionEnded(hasBegun: false)))
        let odd = try await outcome(of: .last("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n"))
        #expect(
            odd == .success(PlainAnswer(status: .ok, headers: ["Transfer-Encoding": "chunked"], body: ByteBuffer())))
        let head = "HTTP/1.1 404 Not Found\r\nContent-Length: 2000\r\n\r\n"
        let alone = PlainAnswer(status: .notFound, headers: ["Content-Length": "2000"], body: ByteBuffer())
        let long = String(repeating: "x", count: 2000)
        #expect(try await outcome(of: .bytes(head + long), limit: 1999) == .success(alone))
        #expect(try await outcome(of: .drip(head), timeout: .milliseconds(200)) == .success(alone))
    }

    @Test("one who never tells a status is given up in time")
    func slow() async throws {
        for reaction in [ScriptedServer.Reaction.silence, .drip("HTTP/1.1 200 O")] {
            #expect(try await outcome(of: reaction, timeout: .milliseconds(200)) == .failure(.tooSlow))
        }
    }

    @Test("a request that crosses the end of a kept connection is sent again, once")
    func crossing() async throws {
        let server = try await ScriptedServer { connection, number in
            number == 1 && connection != 2 ? .bytes(Self.ok) : .last("")
        }
        let connections = try connections(to: server.port)
        #expect(await put(connections) == .success(Self.hi))
        // Its second try is the first request of the second connection.
        #expect(await put(connections) == .failure(.connectionEnded(hasBegun: false)))
        #expect(await put(connections) == .success(Self.hi))
        #expect(await put(connections) == .success(Self.hi))
        #expect(
            server.requests.map { [$0.connection, $0.number] } == [
                [1, 1], [1, 2], [2, 1], [3, 1], [3, 2], [4, 1],
            ])
        await connections.close()
        try await server.close()
    }

    @Test("what is sent again goes over a new connection, and not over another kept one")
    func crossingManyKept() async throws {
        let server = try await ScriptedServer { connection, number in
            number == 1 || connection > 2 ? .bytes(Self.ok) : .last("")
        }
        let connections = try connections(to: server.port)
        async let one = put(connections), two = put(connections)
        #expect(await [one, two] == [.success(Self.hi), .success(Self.hi)])
        #expect(await put(connections) == .success(Self.hi))
        #expect(server.requests.last?.connection == 3)
        await connections.close()
        try await server.close()
    }

    @Test("a connection is not used again after its server's last word, nor after words that nobody asked for")
    func lastWords() async throws {
        let last = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
        let server = try await ScriptedServer { connection, _ in
            switch connection {
            case 1: .bytes(last)
            case 2: .bytes(Self.ok + Self.ok)
            default: .bytes(Self.ok)
            }
        }
        let connections = try connections(to: server.port)
        var closing = Self.hi
        closing.headers = ["Connection": "close", "Content-Length": "2"]
        #expect(await put(connections) == .success(closing))
        #expect(await put(connections) == .success(Self.hi))
        #expect(await put(connections) == .success(Self.hi))
        #expect(server.requests.map(\.connection) == [1, 2, 3])
        await connections.close()
        try await server.close()
    }

    @Test("two answers at once are one, and not also that to the request that follows at once")
    func twoAnswers() async throws {
        let server = try await ScriptedServer { connection, number in
            connection == 1 ? .bytes(Self.ok + Self.ok) : .bytes("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
        }
        let connections = try connections(to: server.port, most: 1)
        let second: Outcome = await withCheckedContinuation { continuation in
            connections.send(
                PlainRequest(method: .PUT, target: "/one", headers: [:]) { _ in
                    connections.send(
                        PlainRequest(method: .PUT, target: "/two", headers: [:]) { continuation.resume(returning: $0) })
                })
        }
        #expect(
            second == .success(PlainAnswer(status: .notFound, headers: ["Content-Length": "0"], body: ByteBuffer())))
        #expect(server.requests.map(\.connection) == [1, 2])
        await connections.close()
        try await server.close()
    }

    @Test("bytes that come late, behind an answer, cost the next request nothing but another connection")
    func surplus() async throws {
        let server = try await ScriptedServer { connection, number in
            connection == 1 && number == 2 ? .bytes("{}" + Self.ok) : .bytes(Self.ok)
        }
        let connections = try connections(to: server.port)
        for _ in 0..<3 { #expect(await put(connections) == .success(Self.hi)) }
        #expect(server.requests.map { [$0.connection, $0.number] } == [[1, 1], [1, 2], [2, 1], [2, 2]])
        await connections.close()
        try await server.close()
    }

    @Test("when one kept connection is dead, the others are not tried either")
    func forgotten() async throws {
        let server = try await ScriptedServer { connection, number in
            number == 1 || connection > 3 ? .bytes(Self.ok) : .silence
        }
        let connections = try connections(to: server.port, timeout: .milliseconds(500))
        async let one = put(connections), two = put(connections), three = put(connections)
        #expect(await [one, two, three] == [.success(Self.hi), .success(Self.hi), .success(Self.hi)])
        #expect(await put(connections) == .failure(.tooSlow))
        #expect(await put(connections) == .success(Self.hi))
        #expect(server.requests.last?.connection == 4)
        await connections.close()
        try await server.close()
    }

    @Test("a connection that nobody needs is ended")
    func idle() async throws {
        let server = try await ScriptedServer { _, _ in .bytes(Self.ok) }
        let connections = try connections(to: server.port, timeout: .seconds(1), idle: .milliseconds(100))
        #expect(await put(connections) == .success(Self.hi))
        try await eventually("its end", within: .seconds(60)) { server.ends == 1 }
        #expect(await put(connections) == .success(Self.hi))
        #expect(server.connections == 2)
        await connections.close()
        try await server.close()
    }

    @Test("where a server's queue is full, so that nobody answers, a request is given up in time")
    func blackHole() async throws {
        let full = try FullQueue()
        defer { full.close() }
        let connections = try connections(to: full.port, timeout: .milliseconds(300))
        let outcome = try await deadline(.seconds(30), "the end of the request") { await put(connections) }
        let connecting = Outcome.failure(.noConnection(host: "127.0.0.1", port: full.port, why: "no answer in time"))
        #expect([.failure(.tooSlow), connecting].contains(outcome))
        await connections.close()
    }

    @Test("a connection that was never made leaves nothing behind")
    func leftovers() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let left = NIOLoopBoundBox.makeEmptyBox(valueType: WeakConnection.self, eventLoop: loop)
        let dial = ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let connection = PlainConnection(authority: "", answerLimit: 0) { _, _, _ in }
                left.value = WeakConnection(connection: connection)
                try channel.pipeline.syncOperations.addHandler(connection)
            }
        }
        let server = try await ScriptedServer { _, _ in .silence }
        try await server.close()
        await #expect(throws: (any Error).self) { try await dial.connect(host: "127.0.0.1", port: server.port).get() }
        try await eventually("nothing is left", within: .seconds(60)) {
            try await loop.submit { left.value.map { $0.connection == nil } ?? false }.get()
        }
    }

    private struct WeakConnection {
        weak var connection: PlainConnection?
    }

    @Test("where nobody listens, each request is told")
    func nobody() async throws {
        let server = try await ScriptedServer { _, _ in .silence }
        try await server.close()
        let connections = try connections(to: server.port)
        async let one = put(connections), two = put(connections)
        for outcome in await [one, two] {
            guard case .failure(.noConnection("127.0.0.1", server.port, let why)) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(why == "Connection refused")
        }
        await connections.close()
    }

    @Test(
        "no more are under way than may be, on one event loop or several, and the end tells those that are",
        arguments: [
            MultiThreadedEventLoopGroup.singleton.next() as any EventLoopGroup, .singletonMultiThreadedEventLoopGroup,
        ])
    func limits(loops: any EventLoopGroup) async throws {
        let server = try await ScriptedServer { _, _ in .silence }
        let connections = try connections(to: server.port, most: 2, on: loops)
        async let one = put(connections), two = put(connections)
        try await eventually("both are under way", within: .seconds(60)) { server.requests.count == 2 }
        #expect(await put(connections) == .failure(.tooMany))
        await connections.close()
        #expect(await [one, two] == [.failure(.closed), .failure(.closed)])
        #expect(await put(connections) == .failure(.closed))
        #expect(server.connections == 2)
        try await server.close()
    }

    @Test("an address is read as URLs have it")
    func origins() {
        func read(_ url: String) -> [String]? {
            PlainOrigin(url).map { [$0.host, "\($0.port)", $0.path, $0.authority] }
        }
        #expect(read("http://hub.example.org") == ["hub.example.org", "80", "", "hub.example.org"])
        #expect(read("HTTP://hub:8080/a/b%20c") == ["hub", "8080", "/a/b%20c", "hub:8080"])
        #expect(read("http://[::1]:81") == ["::1", "81", "", "[::1]:81"])
        #expect(read("http://bücher.example") == ["xn--bcher-kva.example", "80", "", "xn--bcher-kva.example"])
        #expect(read("https://hub.example.org") == nil)
        #expect(read("http://hub:0") == nil)
    }
}
