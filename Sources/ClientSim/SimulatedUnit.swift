import Logging
import NIOCore
import NIOPosix
import UnitProtocol

/// One unit on the network: translates between sockets and timers and the unit's firmware, and decides nothing.
///
/// Confined to its event loop. The kernel's queue of accepted connections stands for lwIP's pending clients: one
/// connection is taken from it only when the firmware asks.
final class SimulatedUnit {
    let plan: UnitPlan
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let report: @Sendable (UnitReport) -> Void
    private let poweredAt = NIODeadline.now()
    private var firmware: any UnitFirmware
    private var signal: SignalGenerator
    private var listener: (any Channel)?
    private var client: ServedConnection?
    private var timer: Scheduled<Void>?
    private var inbox: [UnitInput] = []
    private var isWorking = false

    /// Bytes that the kernel holds for a unit beyond what its firmware's window has taken.
    private static let kernelReceiveBytes = 16 * 1024
    private static let acceptRetry = TimeAmount.seconds(1)

    init(
        plan: UnitPlan, eventLoop: any EventLoop, logger: Logger, report: @escaping @Sendable (UnitReport) -> Void
    ) {
        self.plan = plan
        self.eventLoop = eventLoop
        self.logger = logger
        self.report = report
        self.firmware = plan.makeFirmware()
        self.signal = SignalGenerator(signal: plan.signal, seed: plan.seed)
    }

    /// Listens and powers the firmware on.
    ///
    /// - Returns: Where it listens; fails with ``FleetError``.
    func start() -> EventLoopFuture<SocketAddress?> {
        eventLoop.preconditionInEventLoop()
        let unit = NIOLoopBound(self, eventLoop: eventLoop)
        let plan = plan
        // Linux queues one connection more than the backlog says, and leaves SYNs beyond unanswered, as lwIP does.
        return ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: CInt(plan.profile.waitingClients - 1))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(.so_rcvbuf), value: .init(Self.kernelReceiveBytes))
            .serverChannelOption(.autoRead, value: false)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ListenerErrors(unit: unit.value))
                }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_sndbuf), value: .init(plan.profile.sendBufferBytes))
            .childChannelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: plan.profile.receiveWindowBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ServedConnection(unit: unit.value, channel: channel))
                }
            }
            .bind(host: plan.address.description, port: plan.port)
            .map { channel in
                unit.value.listener = channel
                unit.value.perform(.powered)
                return channel.localAddress
            }
            .flatMapErrorThrowing { throw FleetError(error: $0, plan: plan) }
    }

    func stop() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        timer?.cancel()
        timer = nil
        client?.channel.close(promise: nil)
        client = nil
        guard let listener else { return eventLoop.makeSucceededVoidFuture() }
        self.listener = nil
        return listener.close().recover { _ in }
    }

    /// Hands an input to the firmware. Inputs that its own actions cause wait their turn.
    private func perform(_ input: UnitInput) {
        inbox.append(input)
        guard !isWorking else { return }
        isWorking = true
        defer { isWorking = false }
        while let next = inbox.isEmpty ? client?.nextInput(room: firmware.receiveRoom) : inbox.removeFirst() {
            for action in firmware.on(next, at: elapsed) {
                perform(action)
            }
        }
        client?.readIfWanted(room: firmware.receiveRoom)
    }

    private func perform(_ action: UnitAction) {
        switch action {
        case .accept: listener?.read()
        case .send(let bytes): send(bytes)
        case .close:
            let channel = client?.channel
            client = nil
            channel?.close(promise: nil)
        case .console(let line): report(UnitReport(unit: plan.name, event: .console(line)))
        case .show(let color): report(UnitReport(unit: plan.name, event: .shows(color)))
        case .sample: inbox.append(.sampled(signal.next(at: elapsed)))
        case .wake(let time): wake(at: time)
        }
    }

    private var elapsed: Duration {
        .nanoseconds((NIODeadline.now() - poweredAt).nanoseconds)
    }

    private func wake(at time: Duration) {
        timer?.cancel()
        let unit = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(deadline: poweredAt + TimeAmount(time)) {
            unit.value.perform(.wake)
        }
    }

    private func send(_ bytes: [UInt8]) {
        guard let client else { return }
        let sender = NIOLoopBound(client, eventLoop: eventLoop)
        client.channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenSuccess {
            sender.value.unit?.serve(sender.value, .sent(bytes.count))
        }
    }
}

/// What the handlers of its channels tell a unit.
extension SimulatedUnit {
    func clientArrived(_ connection: ServedConnection) {
        guard client == nil, listener != nil else {
            connection.channel.close(promise: nil)
            return
        }
        client = connection
        logger.debug("client.accepted", metadata: ["unit": "\(plan.name)"])
        perform(.accepted)
    }

    /// `input` counts only while `connection` is the one that is served.
    func serve(_ connection: ServedConnection, _ input: UnitInput?) {
        guard client === connection else { return }
        if let input {
            perform(input)
        } else if let next = connection.nextInput(room: firmware.receiveRoom) {
            perform(next)
        } else {
            connection.readIfWanted(room: firmware.receiveRoom)
        }
    }

    /// Without automatic reads a failed accept is not tried again; out of descriptors, it would also fail at once.
    func acceptFailed(_ error: any Error) {
        logger.warning("accept.failed", metadata: ["unit": "\(plan.name)", "error": "\(error)"])
        let unit = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: Self.acceptRetry) {
            if unit.value.client == nil { unit.value.listener?.read() }
        }
    }
}

private final class ListenerErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel
    private weak var unit: SimulatedUnit?

    init(unit: SimulatedUnit) {
        self.unit = unit
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        unit?.acceptFailed(error)
    }
}
