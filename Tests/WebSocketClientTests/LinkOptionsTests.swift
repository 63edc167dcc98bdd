import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import WebSocketClient

struct LinkOptionsTests {
    @Test("a server that acknowledges nothing for 20 s is given up, and 64 KiB may wait for it")
    func options() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let channel = try await ClientBootstrap(group: group).linkOptions()
            .connect(to: try #require(server.localAddress)).get()
        let limit = try await channel.getOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT))).get()
        #expect(limit == 20_000)
        #expect(try await channel.getOption(.tcpOption(.tcp_nodelay)).get() != 0)
        #expect(try await channel.getOption(.writeBufferWaterMark).get().high == 64 * 1024)
        try await channel.close()
        try await server.close()
    }
}
