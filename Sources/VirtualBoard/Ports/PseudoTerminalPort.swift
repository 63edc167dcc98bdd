import NIOCore
import NIOPosix

/// A board's UART on a pseudo terminal.
final class PseudoTerminalPort: BoardPort {
    private let terminal: PseudoTerminal
    private let channel: any Channel

    private init(terminal: PseudoTerminal, channel: any Channel) {
        self.terminal = terminal
        self.channel = channel
    }

    var baud: Int { terminal.baud }

    func send(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Joins `board` to a terminal and switches it on.
    static func join(_ board: Board, to terminal: PseudoTerminal, loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let isolated = NIOLoopBound(board, eventLoop: loop)
        return NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(BoardHandler(isolated.value))
                }
            }
            .takingOwnershipOfDescriptor(inputOutput: terminal.descriptor)
            .map { channel in
                let port = PseudoTerminalPort(terminal: terminal, channel: channel)
                try? channel.pipeline.syncOperations.handler(type: BoardHandler.self).start(port)
                return channel
            }
    }
}

/// Gives what comes over a channel to a board, and keeps its port.
final class BoardHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let board: Board
    private var port: (any BoardPort)?

    init(_ board: Board) {
        self.board = board
    }

    func start(_ port: any BoardPort) {
        self.port = port
        board.powerOn(port: port)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        board.receive(Array(unwrapInboundIn(data).readableBytesView))
    }
}
