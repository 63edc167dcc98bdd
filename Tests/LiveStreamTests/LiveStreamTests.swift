import LiveStream
import Logging
import NIOCore
import NIOPosix
import PeerLink
import Testing
import WebSocketClient

@Suite(.timeLimit(.minutes(5)))
struct LiveStreamTests {
    @Test("one whose task is cancelled leaves the hub; one that was stopped before it ran never comes to it")
    func cancelled() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let (arrivals, arrive) = AsyncStream.makeStream(of: (any Channel).self)
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                arrive.yield(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        var configuration = PeerConfiguration()
        configuration.host = "127.0.0.1"
        let host = try await PeerHost.start(configuration)
        let port = try #require(server.localAddress?.port)
        func stream(_ device: Int) -> LiveStream {
            LiveStream(
                place: LivePlace(endpoint: WebSocketEndpoint(host: "127.0.0.1", port: port), device: device),
                host: host, group: group, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                describe: { LiveDescription(name: "unit", isRunning: false) })
        }
        let stopped = stream(5)
        await stopped.stop()
        await stopped.run()
        let running = Task { [running = stream(6)] in await running.run() }
        var each = arrivals.makeAsyncIterator()
        let channel = try #require(await each.next())
        running.cancel()
        await running.value
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        channel.closeFuture.whenComplete { _ in end.yield() }
        // Without an end of the connection this waits for as long as the test may take.
        #expect(await ends.first { _ in true } != nil)
        arrive.finish()
        #expect(await each.next() == nil)
        await host.close()
        try await server.close()
    }
}
