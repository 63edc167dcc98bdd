import Glibc
import NIOCore

/// The head of Linux's `struct tcp_info` (linux/tcp.h), as 64-bit words; glibc's own declaration ends before the counters.
private struct TCPInformation {
    var words:
        (
            UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
            UInt64, UInt64, UInt64
        ) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    /// `tcpi_bytes_acked`, at offset 120; it counts the SYN as a byte.
    var bytesAcknowledged: UInt64 { words.15 }
}

extension SocketOptionProvider {
    /// How many bytes of data the peer's TCP has acknowledged since the connection was made.
    func acknowledgedBytes() -> EventLoopFuture<Int> {
        let information: EventLoopFuture<TCPInformation> = unsafeGetSocketOption(
            level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_INFO))
        return information.map { max(0, Int(clamping: $0.bytesAcknowledged) - 1) }
    }
}
