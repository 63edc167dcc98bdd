import Logging
import NIOCore
import NIOPosix

/// Listens for the debuggers of one board, of which there is one at a time.
enum DebuggerListener {
    /// What is read at once (bytes), so that the answers to many small packets do not pile up before somebody looks at them.
    private static let mostRead = 1024

    /// Call it on `loop`.
    ///
    /// - Returns: The listening channel; closing it ends the debugger's connection too.
    static func listen(
        for board: NIOLoopBound<Board>, host: String, port: Int, loop: any EventLoop, logger: Logger
    ) -> EventLoopFuture<any Channel> {
        let line = NIOLoopBound(DebuggerLine(loop: loop, logger: logger), eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: mostRead))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DebuggerConnection(
                            board: board.value, line: line.value,
                            address: channel.remoteAddress.map { "\($0)" } ?? "unknown"))
                }
            }
            .bind(host: host, port: port)
            .map { channel in
                channel.closeFuture.whenComplete { _ in line.value.close() }
                return channel
            }
    }
}
