import Channels
import NIOCore
import NIOWebSocket

/// One client's WebSocket.
struct BrokerConnection: Sendable {
    /// The longest message of a client, in bytes; more ends the connection.
    static let messageLimit = 64 * 1024
    /// The most frames of a second, control frames included; more ends the connection. Clients send a few, and a burst of
    /// subscriptions when they connect.
    static let framesPerSecond = 500

    /// The request's target: `/app/KEY?protocol=7&...`.
    let uri: String
    let frames: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// Greets, reads and writes until the peer ends it, or has had the time to answer a close frame.
    func run(_ broker: Broker, appKey: String) async {
        let channel = frames.channel
        let outbox = Outbox { delay in
            channel.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
        }
        // What breaks a connection is of no interest to anybody but its two ends.
        try? await frames.executeThenClose { inbound, outbound in
            let id: SocketID?
            let target = BrokerTarget(uri: uri)
            switch target.protocolVersion(for: appKey) {
            case .success(let version):
                let address = Self.countedAddress(channel.remoteAddress?.ipAddress)
                id = await broker.connect(outbox, protocolVersion: version, from: address)
            case .failure(let refusal):
                outbox.refuse(refusal.code, refusal.code.description, protocolVersion: target.namedVersion)
                id = nil
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await Self.write(outbox, to: outbound) }
                try? await Self.read(inbound, outbox, outbound) { text in
                    if let id { await broker.receive(text, from: id) }
                }
                if let id { await broker.disconnect(id) }
                group.cancelAll()
            }
        }
    }

    /// Whom a connection is counted for: nil for loopback.
    static func countedAddress(_ address: String?) -> String? {
        guard let address else { return nil }
        let isLoopback = ["127.", "::ffff:127."].contains { address.hasPrefix($0) } || address == "::1"
        return isLoopback ? nil : address
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

    private static func read(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ outbox: Outbox,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ receive: (String) async -> Void
    ) async throws {
        var rate = FrameRate(limit: framesPerSecond)
        for try await frame in inbound {
            guard rate.takes(at: .now) else {
                // At once: whoever floods reads no farewell, and each further frame costs.
                outbox.finish()
                return
            }
            var data = frame.unmaskedData
            switch frame.opcode {
            case .text:
                await receive(data.readString(length: data.readableBytes) ?? "")
            case .ping where !outbox.isClosed:
                try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: data))
            case .connectionClose:
                if !outbox.isClosed {
                    try await outbound.write(
                        WebSocketFrame(fin: true, opcode: .connectionClose, data: data.readSlice(length: 2) ?? data))
                }
                return
            default:
                break
            }
        }
    }
}
