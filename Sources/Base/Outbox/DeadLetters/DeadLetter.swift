/// A measurement that the dashboard has refused for good.
public struct DeadLetter: Hashable, Sendable {
    public var record: OutboxRecord
    /// When it was refused, by the wall clock: milliseconds since 1970.
    public var refusedAt: Int64
    /// The status of the dashboard's answer; 0 when there was none.
    public var status: UInt16
    /// At most ``mostReasonBytes`` bytes are kept.
    public var reason: String

    public static let mostReasonBytes = 512

    public init(record: OutboxRecord, refusedAt: Int64, status: UInt16, reason: String) {
        self.record = record
        self.refusedAt = refusedAt
        self.status = status
        self.reason = reason
    }
}

/// Why dead letters cannot be kept or changed.
public enum DeadLetterError: Error, Equatable, CustomStringConvertible {
    case folder(String)
    case unknownVersion(file: String, version: UInt32)
    case busy(file: String)

    public var description: String {
        switch self {
        case .folder(let problem): problem
        case .unknownVersion(let file, let version):
            "\(file) has version \(version) of the format of dead letters, and this program knows version "
                + "\(DeadLetterFile.version); use the program that has written it"
        case .busy(let file): "another process is changing \(file); try again"
        }
    }
}
