import Channels
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// The hub's one port: a connection that asks for a WebSocket becomes one of the broker's or, on its path, of the
/// signalling's; any other speaks HTTP.
///
/// A WebSocket is never refused here: NIO drops the head of a request whose upgrade is refused. A WebSocket on a wrong path,
/// for a wrong app or of a wrong protocol is opened and closed with the code that says so, as Pusher does.
struct BrokerChannel: HTTPChannelHandler {
    typealias HTTPConnection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// What a connection has become.
    enum Negotiated: Sendable {
        case http(HTTPConnection)
        case webSocket(HTTPRequestHead, WebSocketFrames)
    }

    /// A connection whose first request has not been read.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    /// How long the first request may take.
    static let negotiationLimit = TimeAmount.seconds(15)
    /// Connections without a request for so long are closed.
    static let idleLimit = Duration.seconds(75)

    let responder: Responder
    let broker: Broker
    let appKey: String
    let signalling: SignallingDesk

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let negotiated = try pipeline.configureUpgradableHTTPServerPipeline(configuration: configuration(logger))
            let upgradeHandler = try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Negotiated>.self)
            try pipeline.addHandler(UpgradeFilter(), position: .before(upgradeHandler))
            let timer = channel.eventLoop.scheduleTask(in: Self.negotiationLimit) { channel.close(promise: nil) }
            negotiated.whenComplete { _ in timer.cancel() }
            return Value(channel: channel, negotiated: negotiated)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let connection): await handleHTTP(asyncChannel: connection, logger: logger)
            case .webSocket(let head, let frames): await serve(frames, head)
            }
        } catch {
            value.channel.close(promise: nil)
        }
    }

    private func serve(_ frames: WebSocketFrames, _ head: HTTPRequestHead) async {
        if let request = SignallingRequest(uri: head.uri) {
            let credentials = WebSocketCredentials(head.headers)
            await SignallingConnection(request: request, credentials: credentials, frames: frames).run(signalling)
        } else {
            await BrokerConnection(uri: head.uri, frames: frames).run(broker, appKey: appKey)
        }
    }

    private func configuration(_ logger: Logger) -> NIOUpgradableHTTPServerPipelineConfiguration<Negotiated> {
        let upgrader = NIOTypedWebSocketServerUpgrader<Negotiated>(
            maxFrameSize: WebSocketPump.messageLimit,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 64,
                            maxAccumulatedFrameSize: WebSocketPump.messageLimit))
                    return .webSocket(head, try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                }
            })
        var configuration = NIOUpgradableHTTPServerPipelineConfiguration<Negotiated>(
            upgradeConfiguration: .init(upgraders: [upgrader]) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
                    try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: Self.idleLimit, logger: logger))
                    return .http(
                        try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true)))
                }
            })
        // As Hummingbird's own HTTP/1 channel: it takes one request after another by itself and answers errors itself.
        configuration.enablePipelining = false
        configuration.enableErrorHandling = false
        configuration.enableResponseHeaderValidation = false
        return configuration
    }
}

extension HTTPServerBuilder {
    /// HTTP, and the WebSockets of broker and signalling on the same port.
    static func broker(_ broker: Broker, appKey: String, signalling: SignallingDesk) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            BrokerChannel(responder: responder, broker: broker, appKey: appKey, signalling: signalling)
        }
    }
}
