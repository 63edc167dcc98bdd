import NIOCore
import NIOPosix
import Synchronization

/// A TCP server that answers each request's head with bytes that a script names, whatever HTTP says.
final class ScriptedServer: Sendable {
    enum Reaction: Sendable {
        case bytes(String)
        /// Those, and then the end of the connection.
        case last(String)
        case silence
        /// Says these bytes, and a byte more every few milliseconds without an end.
        case drip(String)
    }

    /// A request's head, and when it came: the number of its connection, and its own one there.
    struct Request: Equatable, Sendable {
        var connection: Int
        var number: Int
        var head: String
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var ends = 0
    }

    private let state = Mutex(State())
    private let script: @Sendable (_ connection: Int, _ number: Int) -> Reaction
    private let channel = Mutex<(any Channel)?>(nil)
    let port: Int

    /// - Parameter script: What happens to a request; both numbers begin with 1.
    init(script: @escaping @Sendable (_ connection: Int, _ number: Int) -> Reaction) async throws {
        self.script = script
        let ear = Ear()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(server: ear))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        self.channel.withLock { $0 = channel }
        ear.server.withLock { $0 = self }
    }

    var requests: [Request] { state.withLock(\.requests) }
    var connections: Int { state.withLock(\.connections) }
    /// Connections that have ended.
    var ends: Int { state.withLock(\.ends) }

    func close() async throws {
        try await channel.withLock(\.self)?.close()
    }

    private final class Ear: Sendable {
        let server = Mutex<ScriptedServer?>(nil)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let server: Ear
        private var connection = 0
        private var number = 0
        private var heard = ""

        init(server: Ear) { self.server = server }

        func channelActive(context: ChannelHandlerContext) {
            connection =
                server.server.withLock(\.self)?.state.withLock { state in
                    state.connections += 1
                    return state.connections
                } ?? 0
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            heard += String(buffer: unwrapInboundIn(data))
            while let end = heard.range(of: "\r\n\r\n") {
                let head = String(heard[..<end.upperBound])
                heard.removeSubrange(..<end.upperBound)
                number += 1
                let server = server.server.withLock(\.self)
                server?.state.withLock {
                    $0.requests.append(Request(connection: connection, number: number, head: head))
                }
                react(server?.script(connection, number) ?? .silence, context)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            server.server.withLock(\.self)?.state.withLock { $0.ends += 1 }
        }

        private func react(_ reaction: Reaction, _ context: ChannelHandlerContext) {
            switch reaction {
            case .silence: break
            case .bytes(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .last(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                context.close(promise: nil)
            case .drip(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                let channel = context.channel
                context.eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(5), delay: .milliseconds(5)) {
                    guard channel.isActive else { return $0.cancel() }
                    channel.writeAndFlush(ByteBuffer(string: "x"), promise: nil)
                }
            }
        }
    }
}
