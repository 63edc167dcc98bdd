/// The keys of steps in a suite's file.
enum StepKind: String, Sendable, CaseIterable {
    case start, stop, kill, power, reset, flash
    case serialExpects = "serial expects"
    case serialLacks = "serial lacks"
    case serialTypes = "serial types"
    case serialSpeed = "serial speed"
    case baseSays = "base says"
    case hubSays = "hub says"
    case hubExpects = "hub expects"
    case hubExpectsNothing = "hub expects nothing"
    case request
    case lampShows = "lamp shows"
    case lampKeeps = "lamp keeps"
    case connect
    case clientSends = "client sends"
    case clientExpects = "client expects"
    case clientCloses = "client closes"
    case network, connections, wait, run, step
    case again = "repeat"

    /// All, for messages.
    static let words = allCases.map(\.rawValue).joined(separator: ", ")

    /// What the unit of such a step has to be; nil where either will do.
    var unitKind: UnitKind? {
        switch self {
        case .hubExpects, .hubExpectsNothing: .read
        case .request, .lampShows, .lampKeeps: .lamp
        default: nil
        }
    }

    /// What the unit of such a step has to be able to do.
    var ability: Ability? {
        switch self {
        case .power: .power
        case .reset: .reset
        case .flash: .flash
        case .serialExpects, .serialLacks, .serialSpeed: .serial
        case .serialTypes: .serialInput
        case .hubExpects, .hubExpectsNothing, .request, .connect, .network, .connections: .network
        case .lampShows, .lampKeeps: .lampReadback
        case .start, .stop, .kill, .baseSays, .hubSays, .clientSends, .clientExpects, .clientCloses, .wait, .run, .step,
            .again:
            nil
        }
    }
}
