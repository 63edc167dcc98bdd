import NIOCore

/// A debugger's connection to a board, which speaks the GDB remote serial protocol.
final class DebuggerConnection: ChannelInboundHandler, DebuggerPort {
    typealias InboundIn = ByteBuffer

    /// The most that waits to be read by a debugger (bytes); who reads more slowly is cut.
    private static let outputLimit = 1 << 18
    /// The most that is kept of what comes before the board is reached (bytes); who says more is cut.
    private static let earlyLimit = 1 << 14

    /// Whose it is.
    let address: String
    private let board: Board
    private let line: DebuggerLine
    private var channel: (any Channel)?
    private var waiting = 0
    private var isAdmitted = false
    private var early: [UInt8] = []

    init(board: Board, line: DebuggerLine, address: String) {
        self.board = board
        self.line = line
        self.address = address
    }

    /// The board is reached from now on.
    func admit() {
        isAdmitted = true
        board.attach(self)
        let bytes = early
        early = []
        if !bytes.isEmpty { board.receive(fromDebugger: bytes) }
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
            isolated.value.close()
        }
    }

    func close() { channel?.close(promise: nil) }

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        line.arrive(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        channel = nil
        if isAdmitted { board.detach(self) }
        line.leave(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytesView
        guard !isAdmitted else { return board.receive(fromDebugger: Array(bytes)) }
        guard early.count + bytes.count <= Self.earlyLimit else { return close() }
        early += bytes
    }
}
