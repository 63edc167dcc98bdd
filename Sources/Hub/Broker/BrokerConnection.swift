import Channels
import NIOCore
import NIOWebSocket

/// One client's WebSocket.
struct BrokerConnection: Sendable {
    /// The longest message of a client, in bytes; more ends the connection.
    static let messageLimit = 64 * 1024

    /// The request's target: `/app/KEY?protocol=7&...`.
    let uri: String
    let frames: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// Greets, reads and writes until either side ends it.
    func run(_ broker: Broker, appKey: String) async {
        // What breaks a connection is of no interest to anybody but its two ends.
        try? await frames.executeThenClose { inbound, outbound in
            let version: Int
            switch BrokerTarget(uri: uri).protocolVersion(for: appKey) {
            case .success(let number): version = number
            case .failure(let refusal):
                try await Self.close(outbound, refusal.code, refusal.code.description)
                return
            }
            guard let (id, outgoing) = await broker.connect(protocolVersion: version) else {
                try await Self.close(outbound, .overCapacity, "too many connections")
                return
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await write(outgoing, to: outbound) }
                group.addTask { try? await read(inbound, outbound, broker, id) }
                await group.next()
                await broker.disconnect(id)
                group.cancelAll()
            }
        }
    }

    private func write(
        _ outgoing: AsyncStream<Broker.Outgoing>, to outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async throws {
        for await item in outgoing {
            switch item {
            case .text(let text):
                try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
            case .close(let code, let reason):
                try await Self.close(outbound, code, reason)
            }
        }
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ broker: Broker, _ id: SocketID
    ) async throws {
        for try await frame in inbound {
            var data = frame.unmaskedData
            switch frame.opcode {
            case .text:
                await broker.receive(data.readString(length: data.readableBytes) ?? "", from: id)
            case .ping:
                try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: data))
            case .connectionClose:
                try? await outbound.write(
                    WebSocketFrame(fin: true, opcode: .connectionClose, data: data.readSlice(length: 2) ?? data))
                return
            default:
                break
            }
        }
    }

    private static func close(
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ code: CloseCode, _ reason: String
    ) async throws {
        var data = ByteBuffer()
        data.writeInteger(UInt16(clamping: code.rawValue))
        // A control frame holds at most 125 bytes (RFC 6455, section 5.5).
        data.writeBytes(reason.utf8.prefix(100))
        try await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
    }
}
