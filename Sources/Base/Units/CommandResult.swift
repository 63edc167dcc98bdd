/// What became of a command.
public enum CommandResult: Equatable, Sendable {
    /// The unit's TCP has acknowledged all its bytes. The protocol has no other answer: a unit that serves another
    /// client keeps the connection pending and acknowledges too.
    case acknowledged
    case failed(CommandFailure)
}

/// Why a command did not reach its unit.
public enum CommandFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case queueFull(Int)
    /// Never sent: it waited longer than `commands.ttl`.
    case expired
    /// Never sent: a newer command for the unit took its place (`commands.newest-wins`).
    case superseded
    case notConnected
    case notAcknowledged
    case connectionLost(String)
    case stopping
    /// The unit is not this base's any more.
    case released
    case notAllowed
    case tooManyUnits(Int)

    public var description: String {
        switch self {
        case .queueFull(let limit): "\(limit) commands wait for this unit already (commands.queue)"
        case .expired: "it waited longer than commands.ttl and was not sent"
        case .superseded: "a newer command for this unit took its place (commands.newest-wins)"
        case .notConnected: "the unit could not be connected in time (commands.timeout)"
        case .notAcknowledged: "the unit did not acknowledge in time (commands.timeout)"
        case .connectionLost(let reason): "the connection was lost before the acknowledgement: \(reason)"
        case .stopping: "the base is stopping"
        case .released: "the unit was taken from this base before the command was through"
        case .notAllowed: "the address is neither listed in clients nor inside a network of allow"
        case .tooManyUnits(let limit): "commands for \(limit) other units are under way"
        }
    }
}
