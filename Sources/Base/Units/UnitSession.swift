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
        /// No new commands; end when those at hand are done, or when ``stopLimit`` has passed.
        case stop
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
        /// The session has stopped; there is no connection.
        case stopped
    }

    enum Phase: Equatable, Sendable {
        case idle
        case waiting(until: Duration)
        case connecting
        case open
        /// Ended by us; aborted at `limit` unless it is gone before. Nil: aborted already.
        case closing(limit: Duration?)
    }

    /// How long a unit may take to close its side; the firmware looks about once a second.
    static let closeLimit = Duration.seconds(2)
    /// How long commands may take after a stop was asked for, and the dwell of the last one.
    static let stopLimit = Duration.seconds(2)

    let isRead: Bool
    let unit: UnitSettings
    let commands: CommandSettings
    let random: @Sendable () -> Double
    var phase = Phase.idle
    /// When what is still under way is given up; nil until a stop was asked for.
    var stopAt: Duration?
    var backoff: Backoff
    var lastAttempt: Duration?
    var decoder = MeasurementDecoder()
    var heardAt = Duration.zero
    var outbound: OutboundCommands
    private var armed: Duration?

    /// - Parameters:
    ///   - isRead: Whether measurements are wanted; else the unit is connected for commands alone.
    ///   - random: Gives numbers from 0 to 1; spreads attempts.
    public init(
        isRead: Bool, unit: UnitSettings, commands: CommandSettings, random: @escaping @Sendable () -> Double
    ) {
        self.isRead = isRead
        self.unit = unit
        self.commands = commands
        self.random = random
        backoff = Backoff(minimum: unit.backoffMinimum, maximum: unit.backoffMaximum)
        outbound = OutboundCommands(limit: commands.queue)
    }

    /// Nothing is open, nothing is waited for: the session can be forgotten.
    public var isIdle: Bool { phase == .idle && outbound.isEmpty }

    var isStopping: Bool { stopAt != nil }

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
        case .wake: armed = nil
        case .stop: stop(now)
        }
        advance(&actions, now)
        arm(&actions)
        return actions
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
        case .waiting(let until): moments.append(until)
        case .open: if let leaveAt { moments.append(leaveAt) }
        case .closing(let limit): if let limit { moments.append(limit) }
        }
        return moments.min()
    }
}
