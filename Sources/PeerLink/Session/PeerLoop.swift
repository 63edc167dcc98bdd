import NIOCore
import NIOPosix

/// The one event loop of all peers of the process: the SCTP stack's clock and packets are its alone, so nothing here takes a lock for them.
enum PeerLoop {
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    static let loop: any EventLoop = group.next()
    /// How often the SCTP stack's clock goes on.
    static let tick = TimeAmount.milliseconds(10)

    /// The time of the pure cores: since some moment before the process began.
    static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }
}

extension PeerLoop {
    /// Runs `body` on the loop.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(PeerLinkError) -> Value
    ) async throws(PeerLinkError) -> Value {
        let result = await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }
}
