/// What became of a request, in the words that the dashboard gets.
enum RequestOutcome: String, CaseIterable, Sendable {
    /// The unit's TCP has acknowledged all its bytes.
    case acknowledged
    /// Never sent: it waited too long.
    case expired
    /// Never sent: a newer one took its place.
    case superseded
    /// Never sent: the base does not take it.
    case refused
    /// It was to be sent, and the unit was not there or did not acknowledge it.
    case failed

    init(_ result: CommandResult) {
        switch result {
        case .acknowledged: self = .acknowledged
        case .failed(.expired): self = .expired
        case .failed(.superseded): self = .superseded
        case .failed(.queueFull), .failed(.notAllowed), .failed(.tooManyUnits): self = .refused
        case .failed(.notConnected), .failed(.notAcknowledged), .failed(.connectionLost), .failed(.stopping),
            .failed(.released):
            self = .failed
        }
    }
}
