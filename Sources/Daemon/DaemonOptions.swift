import ArgumentParser
import Logging

/// The options that every long-running command shares.
public struct DaemonOptions: ParsableArguments, Sendable {
    @Option(help: "The least severe events to print on stderr: debug, info, notice, warning or error.")
    public var logLevel: Logger.Level = .info

    @Option(help: "How an event is written: text, logfmt or json.")
    public var logFormat: LogFormat = .text

    @Option(
        help: ArgumentHelp(
            "The same warning of the same unit is only counted for so many seconds, and then told once; 0: never.",
            valueName: "seconds"))
    public var logWindow = 10

    /// For a parent that starts this command as its child: the child must not outlive it, however it dies.
    @Flag(help: .hidden)
    public var stopWithParent = false

    public init() {}

    public func validate() throws {
        guard (0...86_400).contains(logWindow) else {
            throw ValidationError("--log-window must be from 0 to 86400 seconds")
        }
    }

    /// What makes a child's log like this command's.
    public var logArguments: [String] {
        ["--log-level", "\(logLevel)", "--log-format", logFormat.rawValue, "--log-window", "\(logWindow)"]
    }

    /// The log of this command, as its options want it. Make one, give it to all loggers, finish it at the end.
    public func eventLog() -> EventLog {
        EventLog(format: logFormat, hasPriorities: JournalStream.isStandardError, window: .seconds(logWindow))
    }

    /// A logger that writes events as ``EventLogHandler`` does.
    ///
    /// - Parameters:
    ///   - label: The part that speaks: `hub`, `base`, `sim`.
    ///   - log: Where it writes; one of its own unless given.
    public func logger(_ label: String, to log: EventLog? = nil) -> Logger {
        let log = log ?? eventLog()
        return Logger(label: label) { EventLogHandler(label: $0, level: logLevel, log: log) }
    }
}

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
