import Glibc
import Logging
import ServiceLifecycle

/// The service manager that has started this process, such as systemd, and hears how it fares, as sd_notify(3) has it.
/// Where there is none, nothing is told to anybody.
public struct ServiceManager: Sendable {
    private let socket: NotifySocket?
    /// Within this time the manager wants to hear that the service is well. Nil: it does not ask.
    let watchdogInterval: Duration?
    private let logger: Logger

    /// - Parameters:
    ///   - environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are read. What cannot be used is told in the log, and
    ///     then it is as if there were no manager.
    ///   - process: This process: a watchdog that is meant for another one is none.
    public init(environment: [String: String], process: Int32 = getpid(), logger: Logger) {
        self.logger = logger
        do {
            socket = try environment["NOTIFY_SOCKET"].map(NotifySocket.init)
        } catch {
            logger.warning("manager.unusable", metadata: ["why": "\(error)"])
            socket = nil
        }
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
        watchdogInterval = socket != nil && isMeant && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Tells the manager; never blocks. A manager that does not hear is no reason to stop serving: it is told in the log.
    public func tell(_ notice: ManagerNotice) {
        do {
            try socket?.send(notice.text)
        } catch {
            logger.warning("manager.deaf", metadata: ["why": "\(error)"])
        }
    }

    /// Tells the manager when a reload begins, and that it is over when `body` has ended, well or not.
    ///
    /// - Parameter body: Returns the status afterwards, a line for people.
    public func reload(_ body: () async -> String) async {
        tell(.reloading(microseconds: Self.monotonicMicroseconds()))
        tell(.ready(status: await body()))
    }

    /// The services, and what tells the manager that they are well, and when they stop.
    ///
    /// - Parameter answers: Returns when all that must not stand still has answered; it may take forever where something does.
    public func watching(
        _ services: [any Service], answers: @escaping @Sendable () async -> Void
    ) -> [any Service] {
        guard socket != nil else { return services }
        // The last is stopped first: that is the beginning of the end. The first is stopped last: what drains must be well too.
        let watchdog = watchdogInterval.map {
            Watchdog(interval: $0, answers: answers, isWell: { tell(.watchdog) }, logger: logger)
        }
        let farewell = Farewell { tell(.stopping) }
        return [watchdog].compactMap(\.self) + services + [farewell]
    }

    private static func monotonicMicroseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }
}
