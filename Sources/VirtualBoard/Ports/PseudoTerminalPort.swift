import NIOCore
import NIOPosix

/// A board's UART on a pseudo terminal.
final class PseudoTerminalPort: BoardPort {
    private let terminal: PseudoTerminal
    private let channel: any Channel
    private var waiting = 0
    /// The most that waits to be read by a host (bytes); a read of the flash has 256 KiB under way.
    private static let outputLimit = 1 << 20

    private init(terminal: PseudoTerminal, channel: any Channel) {
        self.terminal = terminal
        self.channel = channel
    }

    var baud: Int { terminal.baud }

    /// What nobody reads is lost, as it is on a wire.
    func send(_ bytes: [UInt8]) {
        guard waiting + bytes.count <= Self.outputLimit else { return }
        waiting += bytes.count
        let isolated = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in
            isolated.value.waiting -= bytes.count
        }
    }

    func vanish() {
        channel.close(promise: nil)
        terminal.closeHostEnd()
    }

    /// Joins `board` to a terminal, for as long as the channel lives.
    static func join(_ board: Board, to terminal: PseudoTerminal, loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let isolated = NIOLoopBound(board, eventLoop: loop)
        return NIOPipeBootstrap(group: loop)
            .takingOwnershipOfDescriptor(inputOutput: terminal.descriptor)
            .flatMapThrowing { channel in
                let port = PseudoTerminalPort(terminal: terminal, channel: channel)
                try channel.pipeline.syncOperations.addHandler(BytesHandler(board: isolated.value, port: port))
                isolated.value.attach(port)
                return channel
            }
    }
}

/// Gives what comes over a channel to a board, and keeps the port as long as the channel lives.
private final class BytesHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let board: Board
    private let port: any BoardPort

    init(board: Board, port: any BoardPort) {
        self.board = board
        self.port = port
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        board.receive(Array(unwrapInboundIn(data).readableBytesView))
    }
}
