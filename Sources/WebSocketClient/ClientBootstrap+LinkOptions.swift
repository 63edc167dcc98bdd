import Glibc
import NIOCore
import NIOPosix

extension ClientBootstrap {
    /// What was sent and is not acknowledged for so long ends the connection (TCP_USER_TIMEOUT, in milliseconds): the system's own patience with a server
    /// whose machine or network has vanished is a quarter of an hour, and a place at the hub's signalling is of no use meanwhile.
    static let unacknowledgedLimit = 20_000

    /// The socket options of a link.
    func linkOptions() -> ClientBootstrap {
        channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .tcpOption(NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT)), value: .init(Self.unacknowledgedLimit)
            )
            .channelOption(.writeBufferWaterMark, value: .init(low: 32 * 1024, high: 64 * 1024))
    }
}
