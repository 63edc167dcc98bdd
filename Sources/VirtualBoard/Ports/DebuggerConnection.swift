import NIOCore

/// A debugger's connection to a board, which speaks the GDB remote serial protocol.
final class DebuggerConnection: ChannelInboundHandler, DebuggerPort {
    typealias InboundIn = ByteBuffer

    /// The most that waits to be read by a debugger (bytes); who reads more slowly is cut.
    private static let outputLimit = 1 << 18

    private let board: Board
    private let onEnd: () -> Void
    private var channel: (any Channel)?
    private var waiting = 0

    /// - Parameter onEnd: Called when the connection has ended, and the board runs on.
    init(board: Board, onEnd: @escaping () -> Void) {
        self.board = board
        self.onEnd = onEnd
    }

    func send(_ bytes: [UInt8]) {
        guard let channel else { return }
        waiting += bytes.count
        guard waiting <= Self.outputLimit else { return channel.close(promise: nil) }
        let isolated = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in
            isolated.value.waiting -= bytes.count
        }
    }

    func end() {
        guard let channel else { return }
        board.detach(self)
        let isolated = NIOLoopBound(self, eventLoop: channel.eventLoop)
        // Behind what is to be sent yet.
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in
            isolated.value.channel?.close(promise: nil)
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        board.attach(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        board.detach(self)
        channel = nil
        onEnd()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        board.receive(fromDebugger: Array(unwrapInboundIn(data).readableBytesView))
    }
}
