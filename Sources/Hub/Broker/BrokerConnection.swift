import Channels
import NIOCore
import NIOWebSocket

/// One client's WebSocket at the broker.
struct BrokerConnection: Sendable {
    /// The request's target: `/app/KEY?protocol=7&...`.
    let uri: String
    let frames: WebSocketFrames

    /// Greets, reads and writes until the peer ends it, or has had the time to answer a close frame.
    func run(_ broker: Broker, appKey: String) async {
        let target = BrokerTarget(uri: uri)
        let address = Self.countedAddress(frames.channel.remoteAddress?.ipAddress)
        await WebSocketPump(frames: frames).run { outbox in
            switch target.protocolVersion(for: appKey) {
            case .success(let version):
                guard let id = await broker.connect(outbox, protocolVersion: version, from: address) else { return nil }
                return WebSocketPump.Listener(
                    receive: { await broker.receive($0, from: id) }, leave: { await broker.disconnect(id) })
            case .failure(let refusal):
                outbox.refuse(refusal.code, refusal.code.description, protocolVersion: target.namedVersion)
                return nil
            }
        }
    }

    /// Whom a connection is counted for: nil for loopback.
    static func countedAddress(_ address: String?) -> String? {
        guard let address else { return nil }
        let isLoopback = ["127.", "::ffff:127."].contains { address.hasPrefix($0) } || address == "::1"
        return isLoopback ? nil : address
    }
}
