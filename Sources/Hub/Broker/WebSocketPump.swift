import Channels
import NIOCore
import NIOWebSocket

/// The frames of one WebSocket; fragments have been put together.
typealias WebSocketFrames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

/// Carries texts between one client's WebSocket and whoever listens to it.
struct WebSocketPump: Sendable {
    /// The longest message of a client, in bytes; more ends the connection.
    static let messageLimit = 64 * 1024
    /// The most frames of a second, control frames included; more ends the connection. Clients send a few, and a burst of
    /// subscriptions when they connect.
    static let framesPerSecond = 500

    /// Who hears what the client says, and that it has gone.
    struct Listener: Sendable {
        let receive: @Sendable (String) async -> Void
        let leave: @Sendable () async -> Void
    }

    let frames: WebSocketFrames

    /// Reads and writes until the peer ends it, or has had the time to answer a close frame.
    ///
    /// - Parameter greet: Takes the outbox; answers nil when it has refused the client.
    func run(_ greet: @Sendable (Outbox) async -> Listener?) async {
        let channel = frames.channel
        let outbox = Outbox { delay in
            channel.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
        }
        // What breaks a connection is of no interest to anybody but its two ends.
        try? await frames.executeThenClose { inbound, outbound in
            let listener = await greet(outbox)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await Self.write(outbox, to: outbound) }
                let farewell = try? await Self.read(inbound, outbox, outbound) { await listener?.receive($0) }
                // Only then: who sees the answer to its close frame is known to have gone.
                await listener?.leave()
                if let farewell { try? await outbound.write(farewell) }
                group.cancelAll()
            }
        }
    }

    private static func write(
        _ outbox: Outbox, to outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async throws {
        for await item in outbox.items {
            switch item {
            case .text(let text):
                try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
                outbox.written(text)
            case .close(let code, let reason):
                var data = ByteBuffer()
                data.writeInteger(UInt16(clamping: code.rawValue))
                // A control frame holds at most 125 bytes (RFC 6455, section 5.5).
                data.writeBytes(reason.utf8.prefix(100))
                try await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
            }
        }
    }

    /// - Returns: The answer to the peer's close frame, where one is due.
    private static func read(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ outbox: Outbox,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ receive: (String) async -> Void
    ) async throws -> WebSocketFrame? {
        var rate = FrameRate(limit: framesPerSecond)
        for try await frame in inbound {
            guard rate.takes(at: .now) else {
                // At once: whoever floods reads no farewell, and each further frame costs.
                outbox.finish()
                return nil
            }
            var data = frame.unmaskedData
            switch frame.opcode {
            case .text:
                await receive(data.readString(length: data.readableBytes) ?? "")
            case .ping where !outbox.isClosed:
                try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: data))
            case .connectionClose:
                guard !outbox.isClosed else { return nil }
                return WebSocketFrame(fin: true, opcode: .connectionClose, data: data.readSlice(length: 2) ?? data)
            default:
                break
            }
        }
        return nil
    }
}
