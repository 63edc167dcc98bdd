/// Why an outbox was not opened, or cannot answer.
public enum OutboxError: Error, Equatable, CustomStringConvertible {
    case inUse(folder: String, by: String)
    case folder(String, reason: String)
    case unknownVersion(file: String, version: UInt32)
    case settings(String)
    case file(String)
    case closed

    public var description: String {
        switch self {
        case .inUse(let folder, let holder):
            "\(folder) is in use by \(holder); stop that one first, or name another folder"
        case .folder(let folder, let reason): "\(folder) cannot be used: \(reason)"
        case .unknownVersion(let file, let version):
            "\(file) has version \(version) of the outbox's format, and this program knows version "
                + "\(SegmentHeader.version); use the program that has written it, or move the file away"
        case .settings(let problem): "the outbox cannot work so: \(problem)"
        case .file(let problem): problem
        case .closed: "the outbox is closed"
        }
    }
}
