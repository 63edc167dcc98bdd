import UnitProtocol

/// The one connection to one unit, as a state machine: time and events in, actions out.
///
/// A unit serves one client at a time, so there is never a second connection, not even while an earlier one is still
/// closing. A unit that is read keeps its connection for ever and takes commands over it; any other is connected on
/// demand and left after the last command's bytes were acknowledged and the dwell has passed.
///
/// Time is counted from any fixed moment. The caller performs all actions in order and calls ``on(_:at:)`` with
/// `wake` no earlier than the latest ``Action/wake(at:)``.
public struct UnitSession: Sendable {
    public enum Input: Equatable, Sendable {
        case start
        /// The connection asked for stands.
        case opened
        /// The connection asked for could not be made; nothing of it is left.
        case failed(String)
        case received([UInt8])
        /// So many bytes of this connection were acknowledged by the unit's TCP, counted from its start.
        case acknowledged(total: Int)
        /// The connection is gone altogether, whoever closed it.
        case closed(String)
        case command(id: Int, Command)
        case wake
        /// Whether measurements are wanted from now on. A unit that is read no more is left as one that was connected on
        /// demand; one that is to be read keeps the connection that it has.
        case read(Bool)
        /// No new commands; end when those at hand are done, or when ``stopLimit`` has passed.
        case stop
        /// As `stop`, because the unit is not this base's any more: whatever is open then is reset when this time has passed.
        case end(within: Duration)
    }

    public enum Action: Equatable, Sendable {
        case connect
        case write([UInt8])
        /// Say that nothing more will be sent; the unit answers by closing.
        case finishWriting
        /// Close at once and forget what was not acknowledged.
        case abort
        case deliver(Measurement)
        case malformed(MalformedLine)
        case commandFinished(id: Int, CommandResult)
        case wake(at: Duration)
        case connected
        case lost(String)
        /// Leave what arrives with TCP until ``resumeReading``.
        case pauseReading
        case resumeReading
        /// The unit was lost so often that from now on it is only probed.
        case quarantined
        /// A probe has stood long enough: the quarantine is over.
        case released
        /// The session has stopped; there is no connection.
        case stopped
    }

    enum Phase: Equatable, Sendable {
        case idle
        case waiting(until: Duration)
        /// The pause is over; at this moment it is this unit's turn among all.
        case admitted(at: Duration)
        case connecting
        case open
        /// Ended by us; aborted at `limit` unless it is gone before. Nil: aborted already.
        case closing(limit: Duration?)
    }

    /// How long a unit may take to close its side; the firmware looks about once a second.
    static let closeLimit = Duration.seconds(2)
    /// How long commands may take after a stop was asked for, and the dwell of the last one.
    static let stopLimit = Duration.seconds(2)
    /// A wake that comes so much too late tells that this process stood still itself: it has heard nobody.
    static let stallLimit = Duration.seconds(1)
    /// Reading is not paused for less, so that a unit just above its rate is not paused for every line.
    static let shortestReadingPause = Duration.milliseconds(50)
    /// So much longer, at random, where the outbox is behind: units that went on all at once would bring more than it can hold.
    static let readingSpread = Duration.seconds(1)

    var isRead: Bool
    let unit: UnitSettings
    let commands: CommandSettings
    let random: @Sendable () -> Double
    let dial: @Sendable (Duration) -> Duration
    let isOutboxBehind: @Sendable () -> Bool
    var phase = Phase.idle
    /// When what is still under way is given up; nil until a stop was asked for.
    var stopAt: Duration?
    /// When what is still open is reset; nil until an end was asked for.
    var endAt: Duration?
    var backoff: Backoff
    var lastAttempt: Duration?
    var decoder: MeasurementDecoder
    var openedAt = Duration.zero
    var heardAt = Duration.zero
    var cadence = LineCadence()
    var quarantine: Quarantine
    var lineBucket: TokenBucket
    /// When reading goes on; nil while it is not paused.
    var resumeAt: Duration?
    var outbound: OutboundCommands
    var counts = UnitCounts()
    var connections = 0
    var lastReason: String?
    private var armed: Duration?
    private var state = UnitStatus.State.idle
    private var stateSince = Duration.zero

    /// - Parameters:
    ///   - isRead: Whether measurements are wanted at first; else the unit is connected for commands alone.
    ///   - random: Gives numbers from 0 to 1; spreads attempts.
    ///   - dial: Takes a place among the attempts of all units: from now, the moment at which this one may begin.
    ///   - isOutboxBehind: Whether there is no place for what units say; then none is read for a while.
    public init(
        isRead: Bool, unit: UnitSettings, commands: CommandSettings, random: @escaping @Sendable () -> Double,
        dial: @escaping @Sendable (Duration) -> Duration,
        isOutboxBehind: @escaping @Sendable () -> Bool = { false }
    ) {
        self.isOutboxBehind = isOutboxBehind
        self.isRead = isRead
        self.unit = unit
        self.commands = commands
        self.random = random
        self.dial = dial
        decoder = MeasurementDecoder(maximumLineBytes: unit.lineLimit)
        quarantine = Quarantine(
            limit: unit.flaps.count, window: unit.flaps.window, steady: unit.flaps.steadyTime)
        lineBucket = TokenBucket(rate: unit.lineRate, burst: unit.lineBurst)
        backoff = Backoff(minimum: unit.backoffMinimum, maximum: unit.backoffMaximum)
        outbound = OutboundCommands(limit: commands.queue)
    }

    /// Nothing is open, nothing is waited for: the session can be forgotten.
    public var isIdle: Bool { phase == .idle && outbound.isEmpty }

    var isStopping: Bool { stopAt != nil }
    /// Why a command fails that is not sent any more.
    var stopFailure: CommandFailure { endAt == nil ? .stopping : .released }

    public mutating func on(_ input: Input, at now: Duration) -> [Action] {
        var actions: [Action] = []
        switch input {
        case .start:
            if phase == .idle, isRead { phase = .waiting(until: now + unit.stagger * random()) }
        case .opened: opened(&actions, now)
        case .failed(let reason), .closed(let reason): gone(reason, &actions, now)
        case .received(let bytes): received(bytes, &actions, now)
        case .acknowledged(let total):
            for id in outbound.acknowledge(total, at: now) {
                actions.append(.commandFinished(id: id, .acknowledged))
            }
        case .command(let id, let command): accept(id, command, &actions, now)
        case .wake: wake(now)
        case .read(let isWanted): setRead(isWanted, &actions, now)
        case .stop: stop(now)
        case .end(let limit): end(within: limit, now)
        }
        advance(&actions, now)
        arm(&actions)
        noteState(now)
        return actions
    }

    /// How the unit fares.
    func status(of address: IPv4Address) -> UnitStatus {
        UnitStatus(
            address: address, isRead: isRead, state: state, since: stateSince, counts: counts, period: cadence.period,
            lastReason: lastReason)
    }

    private mutating func noteState(_ now: Duration) {
        let next = currentState
        guard next != state else { return }
        let isSameOutage = Self.outage.contains(state) && Self.outage.contains(next)
        state = next
        if !isSameOutage { stateSince = now }
    }

    /// A unit that is not reached goes from one to the other, again and again.
    private static let outage: Set<UnitStatus.State> = [.waiting, .connecting]

    private var currentState: UnitStatus.State {
        if quarantine.isActive { return .quarantined }
        return switch phase {
        case .idle: .idle
        case .waiting, .admitted: .waiting
        case .connecting: .connecting
        case .open, .closing: .connected
        }
    }

    private mutating func wake(_ now: Duration) {
        if let armed, now - armed > Self.stallLimit { startListening(now) }
        armed = nil
    }

    /// Asks for one wake at the earliest moment that matters; a later one than asked for already is found then.
    private mutating func arm(_ actions: inout [Action]) {
        guard let next = nextDeadline else { return }
        if let armed, armed <= next { return }
        armed = next
        actions.append(.wake(at: next))
    }

    private var nextDeadline: Duration? {
        var moments = [outbound.nextDeadline].compactMap { $0 }
        switch phase {
        case .idle, .connecting: break
        case .waiting(let moment), .admitted(let moment): moments.append(moment)
        case .open: moments += [leaveAt, resumeAt, quarantine.end(opened: openedAt)].compactMap { $0 }
        case .closing(let limit): if let limit { moments.append(limit) }
        }
        return moments.min()
    }
}
