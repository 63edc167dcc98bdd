import Glibc
import Logging
import NIOCore
import NIOPosix
import Settings
import UnitProtocol
import WebSocketClient

/// The socket of one unit: carries out what its ``UnitSession`` decides, on one event loop.
actor UnitLink {
    nonisolated let address: IPv4Address
    private nonisolated let loop: any EventLoop
    private var session: UnitSession
    private let settings: UnitSettings
    private let deliver: @Sendable (IPv4Address, Measurement) -> Void
    private let logger: Logger
    private var channel: (any Channel)?
    /// Which attempt the channel belongs to; what an earlier one still says is not heard.
    private var attempt = 0
    private var written = 0
    private var acknowledged = 0
    private var timer: Scheduled<Void>?
    private var poll: Scheduled<Void>?
    private var lastCommand = 0
    private var underWay: [Int: HandOver] = [:]
    private var stopWaiters: [CheckedContinuation<Void, Never>] = []
    private var idleWaiters: [CheckedContinuation<Void, Never>] = []
    private var isStopped = false
    private var isRetired = false
    private var malformed = 0
    private var throttled = 0
    private var isFailing = false
    private var isQuarantined = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// - Parameter deliver: Called on the event loop for each measurement, in order; must not block.
    init(
        address: IPv4Address, isRead: Bool, settings: Configuration, dials: DialRate, loop: any EventLoop,
        logger: Logger, isOutboxBehind: @escaping @Sendable () -> Bool,
        deliver: @escaping @Sendable (IPv4Address, Measurement) -> Void
    ) {
        self.address = address
        self.loop = loop
        self.deliver = deliver
        var logger = logger
        logger[metadataKey: "unit"] = "\(address)"
        self.logger = logger
        self.settings = settings.units
        session = UnitSession(
            isRead: isRead, unit: settings.units, commands: settings.commands,
            random: { Double.random(in: 0...1) }, dial: { dials.reserve(at: $0) }, isOutboxBehind: isOutboxBehind)
    }

    /// How the unit fares at this moment.
    func status() -> UnitStatus {
        session.status(of: address)
    }

    /// Takes no more commands from now on, when nothing is open or under way.
    ///
    /// - Returns: What the unit has said and suffered, when it is so; else nil.
    func retire() -> UnitCounts? {
        isRetired = isRetired || session.isIdle
        return isRetired ? session.counts : nil
    }

    func start() {
        feed(.start)
    }

    /// Queues a command, which finishes within `commands.timeout`.
    ///
    /// - Returns: False when the link has retired and the command is still the caller's.
    func take(_ command: HandOver) -> Bool {
        guard !isRetired else { return false }
        lastCommand += 1
        underWay[lastCommand] = command
        feed(.command(id: lastCommand, command.command))
        return true
    }

    /// Whether measurements are wanted from now on. The connection of a unit that is to be read stays as it is.
    ///
    /// - Returns: False when the link has retired or has ended, so that another one is needed. An end that is under way is
    ///   waited for.
    func setRead(_ isWanted: Bool) async -> Bool {
        guard !isRetired else { return false }
        guard !session.isStopping else {
            await end(with: nil)
            return false
        }
        if !isWanted { isQuarantined = false }
        feed(.read(isWanted))
        return true
    }

    /// Waits until nothing is open or under way, or until the unit is read.
    func idle() async {
        await withCheckedContinuation { continuation in
            idleWaiters.append(continuation)
            resumeIdleWaiters()
        }
    }

    /// Lets the commands at hand finish, and closes.
    func stop() async {
        await end(with: .stop)
    }

    /// Takes no more commands, lets those at hand finish, and closes: politely, with a reset when `limit` has passed.
    /// Returns when the socket is closed.
    ///
    /// - Parameter limit: Zero: with a reset at once.
    func end(within limit: Duration) async {
        await end(with: .end(within: limit))
    }

    private func end(with input: UnitSession.Input?) async {
        await withCheckedContinuation { continuation in
            guard !isStopped else { return continuation.resume() }
            stopWaiters.append(continuation)
            if let input { feed(input) }
        }
    }

    private func feed(_ input: UnitSession.Input) {
        for action in session.on(input, at: loop.now.sinceStart) {
            perform(action)
        }
        if !idleWaiters.isEmpty { resumeIdleWaiters() }
    }

    private func resumeIdleWaiters() {
        guard session.isIdle || session.isRead else { return }
        for waiter in idleWaiters { waiter.resume() }
        idleWaiters = []
    }

    private func perform(_ action: UnitSession.Action) {
        switch action {
        case .connect: connect()
        case .write(let bytes): write(bytes)
        case .finishWriting: channel?.close(mode: .output, promise: nil)
        case .abort: abort()
        case .deliver(let measurement): deliver(address, measurement)
        case .malformed(let reason): noteMalformed(reason)
        case .commandFinished(let id, let result): underWay.removeValue(forKey: id)?.finish(result)
        case .wake(let moment): schedule(moment)
        case .connected: noteConnected()
        case .lost(let reason): noteLost(reason)
        case .pauseReading: pauseReading()
        case .resumeReading: setReading(true)
        case .quarantined: noteQuarantined()
        case .released: noteReleased()
        case .stopped: finishStop()
        }
    }

    private func schedule(_ moment: Duration) {
        timer?.cancel()
        let when = NIODeadline.uptimeNanoseconds(0) + TimeAmount(moment)
        timer = loop.scheduleTask(deadline: when) { [weak self] in
            self?.assumeIsolated { $0.feed(.wake) }
        }
    }

    private func connect() {
        attempt += 1
        written = 0
        acknowledged = 0
        let number = attempt
        ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(settings.connectTimeout))
            .unitOptions(settings)
            .channelInitializer { [self] channel in
                assumeIsolated { if $0.attempt == number { $0.channel = channel } }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        UnitChannelHandler { [weak self] event in
                            self?.assumeIsolated { $0.take(event, of: number) }
                        })
                }
            }
            .connect(to: Self.socketAddress(address))
            .hop(to: loop)
            .whenComplete { [weak self] result in
                self?.assumeIsolated { $0.connected(result, number) }
            }
    }

    private func connected(_ result: Result<any Channel, any Error>, _ number: Int) {
        guard number == attempt else { return }
        switch result {
        case .success(let channel):
            self.channel = channel
            feed(.opened)
        case .failure(let error):
            channel = nil
            feed(.failed(Self.describe(error)))
        }
    }

    private func take(_ event: UnitChannelHandler.Event, of number: Int) {
        guard number == attempt, channel != nil else { return }
        switch event {
        case .received(let bytes):
            feed(.received(bytes))
        case .closed(let reason):
            poll?.cancel()
            channel = nil
            feed(.closed(reason))
        }
    }

    private func write(_ bytes: [UInt8]) {
        guard let channel else { return }
        written += bytes.count
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        pollAcknowledgements(after: .milliseconds(1))
    }

    /// TCP tells nobody when the peer has acknowledged; it has to be asked, at first often, then less so.
    private func pollAcknowledgements(after pause: TimeAmount) {
        poll?.cancel()
        let number = attempt
        poll = loop.scheduleTask(in: pause) { [weak self] in
            self?.assumeIsolated { $0.askAcknowledged(number, pause) }
        }
    }

    private func askAcknowledged(_ number: Int, _ pause: TimeAmount) {
        guard number == attempt, let provider = channel as? any SocketOptionProvider else { return }
        provider.acknowledgedBytes().hop(to: loop).whenComplete { [weak self] result in
            self?.assumeIsolated { link in
                guard number == link.attempt, link.channel != nil, case .success(let total) = result else { return }
                if total > link.acknowledged {
                    link.acknowledged = total
                    link.feed(.acknowledged(total: total))
                }
                if link.acknowledged < link.written {
                    link.pollAcknowledgements(after: min(pause * 2, .milliseconds(50)))
                }
            }
        }
    }

    /// With a reset, so that the kernel does not go on delivering what was called failed.
    private func abort() {
        guard let channel else { return }
        guard let provider = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
        provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }

    private func setReading(_ isOn: Bool) {
        channel?.setOption(.autoRead, value: isOn).whenFailure { _ in }
    }

    private func pauseReading() {
        setReading(false)
        let count = session.counts.throttled
        // Or the outbox is behind, which is told elsewhere.
        guard count > throttled else { return }
        defer { throttled = count }
        if Repeats.isTold(count, before: throttled) {
            logger.warning(
                "unit.throttled", metadata: ["why": "more than units.rate lines a second", "count": "\(count)"])
        }
    }

    private func noteMalformed(_ reason: MalformedLine) {
        malformed += 1
        if Repeats.isTold(malformed) {
            logger.warning("line.malformed", metadata: ["why": "\(reason)", "count": "\(malformed)"])
        }
    }

    private func noteConnected() {
        isFailing = false
        logger.log(level: isQuarantined ? .debug : .info, "unit.connected")
    }

    private func noteLost(_ reason: String) {
        logger.log(level: isFailing || isQuarantined ? .debug : .warning, "unit.lost", metadata: ["why": "\(reason)"])
        isFailing = true
    }

    private func noteQuarantined() {
        isQuarantined = true
        logger.warning(
            "unit.quarantined",
            metadata: [
                "why": "lost \(settings.flaps.count) times within \(settings.flaps.window.settingsText)",
                "probe": "\(settings.flaps.probePeriod.settingsText)",
            ])
    }

    private func noteReleased() {
        isQuarantined = false
        logger.notice("unit.released", metadata: ["why": "connected for \(settings.flaps.steadyTime.settingsText)"])
    }

    private func finishStop() {
        timer?.cancel()
        isStopped = true
        for waiter in stopWaiters { waiter.resume() }
        stopWaiters = []
    }

    private static func socketAddress(_ address: IPv4Address) -> SocketAddress {
        var raw = sockaddr_in()
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = in_port_t(UnitPort.firmware).bigEndian
        raw.sin_addr.s_addr = address.bits.bigEndian
        return SocketAddress(raw, host: "")
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case ChannelError.connectTimeout:
            "no answer within the connect time-out (units.connect-timeout)"
        default: DialFailure.words(error)
        }
    }
}

extension NIODeadline {
    /// Time since the machine was started, which never jumps.
    fileprivate var sinceStart: Duration { .nanoseconds(Int64(uptimeNanoseconds)) }
}
