import Glibc
import NIOCore
import NIOPosix

/// One UDP socket. Confined to ``PeerLoop``.
///
/// What is sent in one turn of the loop goes out together at its end. While the kernel takes nothing, datagrams are dropped: their senders
/// cope with loss.
final class DatagramPort {
    /// A datagram's bytes are there during the call only.
    typealias Receiver = (UnsafeRawBufferPointer, SocketAddress) -> Void

    /// Bytes of the largest datagram that is taken whole; a longer one is cut off, and then authentic no more.
    static let mostBytes = 2048

    private let channel: any Channel
    private var receiver: Receiver?
    private var isFlushDue = false
    private(set) var dropped = 0
    let local: PeerAddress

    private init(channel: any Channel, local: PeerAddress) {
        self.channel = channel
        self.local = local
    }

    /// Opens a socket.
    ///
    /// - Parameter port: 0 takes any that is free.
    static func open(host: String, port: UInt16) -> EventLoopFuture<NIOLoopBound<DatagramPort>> {
        let handler = DatagramHandler()
        return DatagramBootstrap(group: PeerLoop.loop)
            .channelOption(.datagramVectorReadMessageCount, value: 16)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * mostBytes)
            )
            .channelOption(.writeBufferWaterMark, value: .init(low: 512 * 1024, high: 2 * 1024 * 1024))
            .channelOption(.socketOption(.so_rcvbuf), value: 1024 * 1024)
            .channelOption(.socketOption(.so_sndbuf), value: 1024 * 1024)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .bind(host: host, port: Int(port))
            .flatMapThrowing { channel in
                guard let local = channel.localAddress.flatMap({ PeerAddress($0) }) else {
                    throw PeerLinkError.notAnAddress(host)
                }
                let port = DatagramPort(channel: channel, local: local)
                handler.port = port
                return NIOLoopBound(port, eventLoop: PeerLoop.loop)
            }
    }

    /// Opens the socket that a configuration names.
    static func open(_ configuration: PeerConfiguration) async throws(PeerLinkError) -> NIOLoopBound<DatagramPort> {
        do {
            return try await open(host: configuration.host, port: configuration.port).get()
        } catch let error as PeerLinkError {
            throw error
        } catch {
            throw .cannotBind(host: configuration.host, port: configuration.port, reason: Self.words(error))
        }
    }

    /// What the system says, without the name of its function.
    private static func words(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }

    /// Does what needs an open socket, which is closed again where that fails.
    static func using<Value: Sendable>(
        _ configuration: PeerConfiguration,
        _ body:
            @Sendable (_ port: NIOLoopBound<DatagramPort>, _ stunServer: PeerAddress?) async throws(PeerLinkError) ->
            Value
    ) async throws(PeerLinkError) -> Value {
        let port = try await open(configuration)
        do {
            var server: PeerAddress?
            if let name = configuration.stunServer {
                let isIPv6 = try await PeerLoop.run { () throws(PeerLinkError) in port.value.local.isIPv6 }
                server = try await StunServer.lookUp(name, isIPv6: isIPv6)
            }
            return try await body(port, server)
        } catch {
            PeerLoop.loop.execute { port.value.close().whenComplete { _ in } }
            throw error
        }
    }

    func onDatagram(_ receiver: @escaping Receiver) {
        self.receiver = receiver
    }

    func send(_ bytes: UnsafeRawBufferPointer, to address: SocketAddress) {
        guard channel.isWritable else {
            dropped += 1
            return
        }
        var buffer = channel.allocator.buffer(capacity: bytes.count)
        buffer.writeBytes(bytes)
        channel.write(AddressedEnvelope(remoteAddress: address, data: buffer), promise: nil)
        guard !isFlushDue else { return }
        isFlushDue = true
        let port = NIOLoopBound(self, eventLoop: PeerLoop.loop)
        PeerLoop.loop.execute { port.value.flush() }
    }

    private func flush() {
        isFlushDue = false
        channel.flush()
    }

    func close() -> EventLoopFuture<Void> {
        receiver = nil
        channel.flush()
        return channel.close().flatMapErrorThrowing { error in
            guard case ChannelError.alreadyClosed = error else { throw error }
        }
    }

    fileprivate func received(_ envelope: AddressedEnvelope<ByteBuffer>) {
        envelope.data.withUnsafeReadableBytes { receiver?($0, envelope.remoteAddress) }
    }

    /// Hands datagrams on; an error of one datagram (a port that nobody has) is no error of the socket.
    private final class DatagramHandler: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private let box = NIOLoopBoundBox<DatagramPort?>.makeBoxSendingValue(nil, eventLoop: PeerLoop.loop)

        var port: DatagramPort? {
            get { box.value }
            set { box.value = newValue }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            port?.received(unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            port = nil
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }
}
