/// What a service tells the manager that has started it, in the words of sd_notify(3).
public enum ManagerNotice: Equatable, Sendable {
    /// The service serves; also what ends a reload.
    case ready(status: String)
    /// A new configuration is being read.
    ///
    /// - Parameter microseconds: The moment in which it began, of `CLOCK_MONOTONIC`: what was asked for later is another
    ///   reload.
    case reloading(microseconds: UInt64)
    /// The service is well. A manager that has not heard it for `WatchdogSec` ends the service.
    case watchdog
    case stopping

    /// One datagram: assignments, each on a line of its own.
    var text: String {
        switch self {
        case .ready(let status): "READY=1\nSTATUS=\(Self.line(status))"
        case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
        case .watchdog: "WATCHDOG=1"
        case .stopping: "STOPPING=1\nSTATUS=stopping"
        }
    }

    /// A line feed would begin another assignment.
    private static func line(_ status: String) -> String {
        String(status.prefix(longestStatus).map { $0.isNewline ? " " : $0 })
    }

    private static let longestStatus = 200
}
