import NIOCore
import NIOPosix
import UnitProtocol

/// One attempt to reach a unit: connects, says nothing, listens for a line, and goes.
struct UnitProbe: Sendable {
    let timeout: Duration
    /// Zero: the connection is closed at once.
    let listening: Duration
    let group: any EventLoopGroup

    /// What answered, when the connection is gone again; nil when nothing did. Ends at once when its task is cancelled.
    func run(_ address: IPv4Address) async -> FoundUnit.Kind? {
        let loop = group.next()
        let verdict = loop.makePromise(of: FoundUnit.Kind?.self)
        let listening = TimeAmount(listening)
        let made = loop.submit {
            NIOLoopBound(ProbeListener(listening: listening, verdict: verdict), eventLoop: loop)
        }
        guard let listener = try? await made.get() else { return nil }
        return await withTaskCancellationHandler {
            await connect(to: address, on: loop, listener, verdict.futureResult)
        } onCancel: {
            loop.execute { listener.value.stop() }
        }
    }

    private func connect(
        to address: IPv4Address, on loop: any EventLoop, _ listener: NIOLoopBound<ProbeListener>,
        _ verdict: EventLoopFuture<FoundUnit.Kind?>
    ) async -> FoundUnit.Kind? {
        guard let channel = try? await dial(address, on: loop, listener) else {
            loop.execute { listener.value.stop() }
            _ = try? await verdict.get()
            return nil
        }
        let kind = try? await verdict.get()
        try? await channel.close()
        try? await channel.closeFuture.get()
        return kind ?? nil
    }

    private func dial(
        _ address: IPv4Address, on loop: any EventLoop, _ listener: NIOLoopBound<ProbeListener>
    ) async throws -> any Channel {
        try await ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(listener.value)
                }
            }
            .connect(to: try SocketAddress(ipAddress: "\(address)", port: UnitPort.firmware)).get()
    }
}
