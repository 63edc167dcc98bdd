import NIOCore
import NIOPosix
import Synchronization

/// Relays UDP between one server and whoever comes, and loses some of it: which datagrams is decided by the seed and the order in which they
/// come. Each client has a socket of its own towards the server, as behind a NAT.
public final class LossyRelay: Sendable {
    private let front: any Channel
    private let share: Share
    public let port: Int

    /// - Parameter loss: 0 to 1, either way.
    public static func start(to host: String, port: Int, loss: Double, seed: UInt64) async throws -> LossyRelay {
        let server = try SocketAddress(ipAddress: host, port: port)
        let group = MultiThreadedEventLoopGroup.singleton
        let loop = group.next()
        let share = Share(loss)
        let channel = try await DatagramBootstrap(group: loop)
            .channelOption(.datagramVectorReadMessageCount, value: 16)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 2048))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Front(server: server, share: share, seed: seed))
                }
            }
            .bind(host: host, port: 0).get()
        return LossyRelay(front: channel, share: share, port: channel.localAddress?.port ?? 0)
    }

    private init(front: any Channel, share: Share, port: Int) {
        self.front = front
        self.share = share
        self.port = port
    }

    /// Loses another part from now on; 1 is all of it.
    public func lose(_ loss: Double) {
        share.loss.withLock { $0 = loss }
    }

    public func close() async throws {
        try await front.close()
    }

    /// How much is lost.
    private final class Share: Sendable {
        let loss: Mutex<Double>

        init(_ loss: Double) {
            self.loss = Mutex(loss)
        }
    }

    /// Towards the clients.
    private final class Front: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private let server: SocketAddress
        private let share: Share
        private var random: SeededRandom
        private var backs: [SocketAddress: EventLoopFuture<any Channel>] = [:]

        init(server: SocketAddress, share: Share, seed: UInt64) {
            self.server = server
            self.share = share
            random = SeededRandom(seed: seed)
        }

        func isLost() -> Bool { Double.random(in: 0..<1, using: &random) < share.loss.withLock { $0 } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            guard !isLost() else { return }
            let server = server
            back(for: envelope.remoteAddress, context).whenSuccess { back in
                back.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: envelope.data), promise: nil)
            }
        }

        private func back(
            for client: SocketAddress, _ context: ChannelHandlerContext
        ) -> EventLoopFuture<any Channel> {
            if let back = backs[client] { return back }
            let front = NIOLoopBound(self, eventLoop: context.eventLoop)
            let channel = context.channel
            let back = DatagramBootstrap(group: context.eventLoop)
                .channelOption(.datagramVectorReadMessageCount, value: 16)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 2048))
                .channelInitializer { back in
                    back.eventLoop.makeCompletedFuture {
                        try back.pipeline.syncOperations.addHandler(
                            Back(client: client, front: channel) { front.value.isLost() })
                    }
                }
                .bind(host: server.ipAddress ?? "", port: 0)
            channel.closeFuture.whenComplete { _ in back.whenSuccess { $0.close(promise: nil) } }
            backs[client] = back
            return back
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }

    /// Towards the server, for one client.
    private final class Back: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private let client: SocketAddress
        private let front: any Channel
        private let isLost: () -> Bool

        init(client: SocketAddress, front: any Channel, isLost: @escaping () -> Bool) {
            self.client = client
            self.front = front
            self.isLost = isLost
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isLost() else { return }
            front.writeAndFlush(
                AddressedEnvelope(remoteAddress: client, data: unwrapInboundIn(data).data), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }
}
