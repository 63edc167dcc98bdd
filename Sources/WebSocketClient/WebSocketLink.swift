import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// One WebSocket connection to a server, from its attempt to its end.
public final class WebSocketLink: Sendable {
    public enum Event: Sendable {
        case opened
        /// No connection was made, and why.
        case failed(String)
        case received(String)
        /// With the code that the server has named (RFC 6455, section 7.4), if it has.
        case closed(code: Int?)
    }

    /// The largest message; more ends the connection.
    public static let messageLimit = 1 << 20

    private typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>
    private enum Upgrade: Sendable {
        case webSocket(Frames)
        case refused
    }

    private struct State {
        var writer: NIOAsyncChannelOutboundWriter<WebSocketFrame>?
        var channel: (any Channel)?
    }

    private let endpoint: WebSocketEndpoint
    private let group: any EventLoopGroup
    private let state = Mutex(State())
    private let candidates = CandidateChannels()

    public init(endpoint: WebSocketEndpoint, group: any EventLoopGroup) {
        self.endpoint = endpoint
        self.group = group
    }

    /// Connects and reads until the end. Events come one after another; the next is read when the last was taken.
    public func run(path: String, _ take: @Sendable (Event) async -> Void) async {
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
        var code: Int?
        do {
            code = try await frames.executeThenClose { inbound, outbound in
                state.withLock { ($0.writer, $0.channel) = (outbound, frames.channel) }
                await take(.opened)
                return try await read(inbound, outbound, take)
            }
        } catch {
            // How a connection broke does not matter; that it did is told below.
        }
        state.withLock { ($0.writer, $0.channel) = (nil, nil) }
        await take(.closed(code: code))
    }

    /// Sends a message, and returns when the system has taken it.
    public func send(_ text: String) async {
        guard let writer = state.withLock({ $0.writer }) else { return }
        try? await writer.write(Self.frame(.text, ByteBuffer(string: text)))
    }

    /// Sends a message without waiting, after those that were posted before.
    ///
    /// - Returns: False where there is no connection, or where more than 64 KiB wait to be sent: then it is left out.
    @discardableResult
    public func post(_ text: String) -> Bool {
        guard let channel = state.withLock({ $0.channel }), channel.isWritable else { return false }
        channel.writeAndFlush(Self.frame(.text, ByteBuffer(string: text)), promise: nil)
        return true
    }

    /// Ends the connection, or the attempt to make one.
    public func close() {
        candidates.close()
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ take: (Event) async -> Void
    ) async throws -> Int? {
        for try await frame in inbound {
            var data = frame.unmaskedData
            switch frame.opcode {
            case .text:
                await take(.received(data.readString(length: data.readableBytes) ?? ""))
            case .ping:
                try await outbound.write(Self.frame(.pong, data))
            case .connectionClose:
                let code = data.readInteger(as: UInt16.self).map(Int.init)
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
            .linkOptions()
            .connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture { try self.configure(channel, path) }
            }
        return try await upgrade.get()
    }

    private func configure(_ channel: any Channel, _ path: String) throws -> EventLoopFuture<Upgrade> {
        guard candidates.add(channel) else { throw ChannelError.alreadyClosed }
        try endpoint.secure?(channel)
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
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: endpoint.requestHeaders)
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
}
