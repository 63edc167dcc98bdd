/// Why a run's results are not written.
enum ReportError: Error, Equatable, Sendable, CustomStringConvertible {
    case noPage(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case inUse(path: String)
    case otherRun(path: String)

    var description: String {
        switch self {
        case .noPage(let path, let reason):
            "a part of the report's page is not beside this command: \(path): \(reason); install the command again"
        case .cannotWrite(let path, let reason):
            "\(path) cannot be written: \(reason)"
        case .inUse(let path):
            "\(path) holds something else than the results of an earlier run; name an empty folder (--output), or a new one"
        case .otherRun(let path):
            "another run is writing its results into \(path); wait for its end, or name another folder (--output)"
        }
    }
}
