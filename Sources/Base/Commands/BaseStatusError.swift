import TerminalText

/// Why nothing is known of a base.
enum BaseStatusError: Error, Equatable, CustomStringConvertible {
    case off
    case nobody(OperationsSettings.Place, reason: String)
    case unfinished(OperationsSettings.Place, limit: Duration)
    /// - Parameter answer: As it came.
    case notABase(OperationsSettings.Place, status: UInt, answer: String)
    case tooLong(OperationsSettings.Place, limit: Int)

    /// The most characters of an answer that are repeated.
    private static let mostCharacters = 100

    var description: String {
        switch self {
        case .off: return "operations.listen is \"off\": a base with this configuration tells nothing"
        case .nobody(let place, let reason):
            return
                "no base answers on \(place) (\(reason.printable)); start one with iot base run, or name its configuration "
                + "with --config"
        case .unfinished(let place, let limit):
            return
                "what listens on \(place) has not answered within \(limit.components.seconds) s: a base that stands still, "
                + "whose log says why, or another program; name the base's configuration with --config"
        case .notABase(let place, let status, let answer):
            let start = String(answer.prefix(Self.mostCharacters)).printable
            let words = start.count < answer.count ? start + "…" : start
            return
                "what answers on \(place) is no base that runs: status \(status), \"\(words)\"; name the base's configuration "
                + "with --config"
        case .tooLong(let place, let limit):
            return
                "what answers on \(place) is no base that runs: it says more than \(limit >> 20) MiB; name the base's "
                + "configuration with --config"
        }
    }
}
