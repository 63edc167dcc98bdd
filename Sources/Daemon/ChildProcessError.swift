/// Why a child process is of no use.
public enum ChildProcessError: Error, Equatable, Sendable, CustomStringConvertible {
    case cannotStart(String, reason: String)
    case childEnded(String, status: String)
    case childSilent(String, limit: Duration)

    public var description: String {
        switch self {
        case .cannotStart(let name, let reason):
            "cannot start the \(name): \(reason)"
        case .childEnded(let name, let status):
            "the \(name) ended before it was ready (\(status)); its own message stands above"
        case .childSilent(let name, let limit):
            "the \(name) was not ready within \(limit)"
        }
    }
}
