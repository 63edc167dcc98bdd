import Channels
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// One WebSocket connection to a broker, from its attempt to its end.
final class WebSocketLink: Sendable {
    enum Event: Sendable {
        case opened
        case failed(String)
        case received(String)
        case closed(CloseCode?)
    }

    /// The largest message; more ends the connection.
    static let messageLimit = 1 << 20

    private typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>
    private enum Upgrade: Sendable {
        case webSocket(Frames)
        case refused
    }

    private struct State {
        var writer: NIOAsyncChannelOutboundWriter<WebSocketFrame>?
    }

    private let settings: PusherSettings
    private let group: any EventLoopGroup
    private let state = Mutex(State())
    private let candidates = CandidateChannels()

    init(settings: PusherSettings, group: any EventLoopGroup) {
        self.settings = settings
        self.group = group
    }

    /// Connects and reads until the end. Events come one after another; the next is read when the last was taken.
    func run(path: String, _ take: @Sendable (Event) async -> Void) async {
        let frames: Frames
        do {
            guard case .webSocket(let upgraded) = try await connect(path) else {
                await take(.failed("the server did not switch to WebSocket"))
                return
            }
            frames = upgraded
        } catch {
            await take(.failed(DialFailure.words(error)))
            return
        }
        var code: CloseCode?
        do {
            code = try await frames.executeThenClose { inbound, outbound in
                state.withLock { $0.writer = outbound }
                await take(.opened)
                return try await read(inbound, outbound, take)
            }
        } catch {
            // How a connection broke does not matter; that it did is told below.
        }
        state.withLock { $0.writer = nil }
        await take(.closed(code))
    }

    func send(_ text: String) async {
        guard let writer = state.withLock({ $0.writer }) else { return }
        try? await writer.write(Self.frame(.text, ByteBuffer(string: text)))
    }

    /// Ends the connection, or the attempt to make one.
    func close() {
        candidates.close()
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ take: (Event) async -> Void
    ) async throws -> CloseCode? {
        for try await frame in inbound {
            var data = frame.unmaskedData
            switch frame.opcode {
            case .text:
                await take(.received(data.readString(length: data.readableBytes) ?? ""))
            case .ping:
                try await outbound.write(Self.frame(.pong, data))
            case .connectionClose:
                let code = data.readInteger(as: UInt16.self).map { CloseCode(rawValue: Int($0)) }
                try? await outbound.write(Self.frame(.connectionClose, frame.unmaskedData))
                return code
            default:
                break
            }
        }
        return nil
    }

    /// A client's frames are masked (RFC 6455, section 5.3).
    private static func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    }

    private func connect(_ path: String) async throws -> Upgrade {
        let upgrade = try await ClientBootstrap(group: group)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: settings.host, port: settings.port) { channel in
                channel.eventLoop.makeCompletedFuture { try self.configure(channel, path) }
            }
        return try await upgrade.get()
    }

    private func configure(_ channel: any Channel, _ path: String) throws -> EventLoopFuture<Upgrade> {
        guard candidates.add(channel) else { throw ChannelError.alreadyClosed }
        if settings.tls {
            try channel.pipeline.syncOperations.addHandler(Self.tlsHandler(settings))
            if !settings.trust.pins.isEmpty {
                try channel.pipeline.syncOperations.addHandler(PinnedKeyHandler(settings: settings.trust))
            }
        }
        let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(
            maxFrameSize: Self.messageLimit,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024,
                            maxAccumulatedFrameSize: Self.messageLimit))
                    return .webSocket(try Frames(wrappingChannelSynchronously: channel))
                }
            })
        let isUsualPort = settings.port == (settings.tls ? 443 : 80)
        let host = BrokerHost.inHeader(settings.host)
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: path,
            headers: [
                "Host": isUsualPort ? host : "\(host):\(settings.port)", "Content-Length": "0",
            ])
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration<Upgrade>(
            upgradeConfiguration: .init(
                upgradeRequestHead: head, upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.close(promise: nil)
                    return channel.eventLoop.makeSucceededFuture(.refused)
                }))
        // The greeting may come in one packet with the answer to the upgrade; NIO would drop it.
        configuration.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: configuration)
    }

    /// TLS 1.2 or later; certificate and host name are verified.
    private static func tlsHandler(_ settings: PusherSettings) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: settings.host, port: 0)) != nil
        // An address has no place in SNI; it is verified against the certificate's addresses all the same.
        return try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: settings.trust.configuration()),
            serverHostname: isAddress ? nil : settings.host)
    }
}
