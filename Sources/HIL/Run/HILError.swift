/// Why a step, or a whole run, did not come to what was asked for.
enum HILError: Error, Equatable, CustomStringConvertible {
    /// What was tested does something else than the suite says.
    case failed(String)
    /// What the rig promises is not there, so that nothing can be said of what was to be tested.
    case infrastructure(String)
    case notText

    var isInfrastructure: Bool {
        if case .infrastructure = self { true } else { false }
    }

    var description: String {
        switch self {
        case .failed(let why), .infrastructure(let why): why
        case .notText: "it is not UTF-8 text"
        }
    }
}
