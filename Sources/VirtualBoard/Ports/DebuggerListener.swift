import Logging
import NIOCore
import NIOPosix

/// Listens for the debugger of one board. There is one at a time: a second connection is closed at once, with a word in the log.
enum DebuggerListener {
    /// What is read at once (bytes), so that the answers to many small packets do not pile up before somebody looks at them.
    private static let mostRead = 1024

    /// Call it on `loop`.
    ///
    /// - Returns: The listening channel; closing it ends the debugger's connection too.
    static func listen(
        for board: NIOLoopBound<Board>, host: String, port: Int, loop: any EventLoop, logger: Logger
    ) -> EventLoopFuture<any Channel> {
        let place = NIOLoopBound(Place(), eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: mostRead))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let address = channel.remoteAddress.map { "\($0)" } ?? "unknown"
                    guard place.value.debugger == nil else {
                        logger.warning(
                            "board.debugger-refused",
                            metadata: ["from": "\(address)", "reason": "another debugger is connected"])
                        throw ChannelError.operationUnsupported
                    }
                    place.value.debugger = channel
                    logger.notice("board.debugger-attached", metadata: ["from": "\(address)"])
                    try channel.pipeline.syncOperations.addHandler(
                        DebuggerConnection(board: board.value) {
                            place.value.debugger = nil
                            logger.notice("board.debugger-gone", metadata: ["from": "\(address)"])
                        })
                }
            }
            .bind(host: host, port: port)
            .map { channel in
                channel.closeFuture.whenComplete { _ in place.value.debugger?.close(promise: nil) }
                return channel
            }
    }

    /// Who is there.
    private final class Place {
        var debugger: (any Channel)?
    }
}
