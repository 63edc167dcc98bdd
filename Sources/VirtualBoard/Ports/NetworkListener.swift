import NIOCore
import NIOPosix

/// Listens for the host of one board. A serial line has one host: a second connection is closed at once.
enum NetworkListener {
    /// Call it on `loop`.
    ///
    /// - Returns: The listening channel; closing it ends the host's connection too.
    static func listen(
        for board: NIOLoopBound<Board>, kind: NetworkPort.Kind, host: String, port: Int, baud: Int,
        loop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let line = NIOLoopBound(Line(), eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard line.value.host == nil else { throw ChannelError.operationUnsupported }
                    line.value.host = channel
                    try channel.pipeline.syncOperations.addHandler(
                        NetworkPort(board: board.value, kind: kind, baud: baud) { line.value.host = nil })
                }
            }
            .bind(host: host, port: port)
            .map { channel in
                channel.closeFuture.whenComplete { _ in line.value.host?.close(promise: nil) }
                return channel
            }
    }

    /// Who has the line.
    private final class Line {
        var host: (any Channel)?
    }
}
