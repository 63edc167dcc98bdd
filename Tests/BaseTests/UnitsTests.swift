import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Base

/// Units as an actor, met by lamps on addresses of their own.
@Suite(.timeLimit(.minutes(5))) struct UnitsTests {
    /// What lamps heard and how their connections came and went.
    private final class Lamps: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        struct Seen {
            var open: [String: Int] = [:]
            var mostOpen = 0
            var ended = 0
            var heard: [String: String] = [:]
        }

        let seen = Mutex(Seen())

        func channelActive(context: ChannelHandlerContext) {
            let address = context.localAddress?.ipAddress ?? ""
            seen.withLock { seen in
                seen.open[address, default: 0] += 1
                seen.mostOpen = max(seen.mostOpen, seen.open[address, default: 0])
            }
        }

        /// Counted before this side closes: the base connects anew when it has seen that.
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .inputClosed? = event as? ChannelEvent else {
                return context.fireUserInboundEventTriggered(event)
            }
            let address = context.localAddress?.ipAddress ?? ""
            seen.withLock { seen in
                seen.open[address, default: 0] -= 1
                seen.ended += 1
            }
            context.close(promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let address = context.localAddress?.ipAddress ?? ""
            let text = String(buffer: unwrapInboundIn(data))
            seen.withLock { $0.heard[address, default: ""] += text }
        }
    }

    private let configuration = """
        {"clients": [], "allow": ["127.79.0.0/16"], "api": {"url": "http://127.0.0.1:1", "token": "t"},
         "pusher": {"app-key": "k", "host": "127.0.0.1"}, "commands": {"dwell": "1ms", "queue": 1000}}
        """

    @Test("commands of a unit come in the order of the calls, though idle units have to be forgotten before the first")
    func orderAtTheLimit() async throws {
        let limit = 48
        let lamps = Lamps()
        var servers: [any Channel] = []
        let addresses = (1...limit + 1).map { IPv4Address(bits: 0x7F4F_0100 + UInt32($0)) }
        for address in addresses {
            servers.append(
                try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .childChannelOption(.allowRemoteHalfClosure, value: true)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(lamps) }
                    }
                    .bind(host: address.description, port: UnitPort.firmware).get())
        }
        let units = Units(
            configuration: try Configuration(json: configuration), onDemandLimit: limit,
            group: .singletonMultiThreadedEventLoopGroup,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, deliver: { _, _ in })

        let results = Mutex([CommandResult]())
        func send(_ payload: String, to address: IPv4Address) throws {
            units.send(try Command(payload: payload), to: address) { result in results.withLock { $0.append(result) } }
        }
        for address in addresses.dropLast() { try send("red", to: address) }
        try await eventually("as many idle units as are allowed", within: .seconds(30)) {
            lamps.seen.withLock { $0.ended == limit }
        }
        let last = try #require(addresses.last)
        let payloads = (1...200).map(String.init)
        for payload in payloads { try send(payload, to: last) }
        try await eventually("all results", within: .seconds(30)) {
            results.withLock { $0.count == limit + payloads.count }
        }

        #expect(results.withLock { $0 } == Array(repeating: .acknowledged, count: limit + payloads.count))
        // What the kernel has acknowledged the unit may not have read yet.
        let expected = payloads.map { $0 + "\r" }.joined()
        try? await eventually("all is read", within: .seconds(30)) {
            lamps.seen.withLock { $0.heard["\(last)"]?.utf8.count ?? 0 >= expected.utf8.count }
        }
        let (heard, mostOpen) = lamps.seen.withLock { ($0.heard["\(last)"], $0.mostOpen) }
        #expect(heard == expected)
        #expect(mostOpen == 1)
        for server in servers { try await server.close() }
    }
}
