import Glibc
import NIOCore
import NIOPosix

extension ClientBootstrap {
    /// How many bytes are read from a unit at once: enough for hundreds of lines, and little enough that no unit has the
    /// event loop for long.
    private static let bytesARead = 2048
    /// What the kernel holds of a unit that is not read; it doubles the number (socket(7)). Less of it is less that
    /// grows old there.
    private static let kernelReceiveBytes = 16 * 1024

    /// The socket options of a unit's connection.
    ///
    /// A unit whose machine vanished says nothing, and neither does its network. Bytes that were sent to it and are not
    /// acknowledged, and questions when there are none, find that out; lwIP, which is the firmware's TCP, answers such
    /// questions by itself.
    func unitOptions(_ settings: UnitSettings) -> ClientBootstrap {
        channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcp(TCP_KEEPIDLE), value: settings.keepaliveIdle.wholeSeconds)
            .channelOption(.tcp(TCP_KEEPINTVL), value: settings.keepaliveInterval.wholeSeconds)
            .channelOption(.tcp(TCP_USER_TIMEOUT), value: settings.userTimeout.wholeMilliseconds)
            .channelOption(.socketOption(.so_rcvbuf), value: .init(Self.kernelReceiveBytes))
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.bytesARead))
    }
}

extension ChannelOption where Self == ChannelOptions.Types.SocketOption {
    fileprivate static func tcp(_ name: CInt) -> Self { .tcpOption(NIOBSDSocket.Option(rawValue: name)) }
}

extension Duration {
    /// Rounded up, as the kernel takes it.
    fileprivate var wholeSeconds: Int { (wholeMilliseconds + 999) / 1000 }

    fileprivate var wholeMilliseconds: Int {
        Int(components.seconds * 1000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
