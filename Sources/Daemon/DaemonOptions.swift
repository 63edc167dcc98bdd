import ArgumentParser
import Logging

/// The options that every long-running command shares.
public struct DaemonOptions: ParsableArguments, Sendable {
    @Option(help: "The least severe events to print on stderr: debug, info, notice, warning or error.")
    public var logLevel: Logger.Level = .info

    /// For a parent that starts this command as its child: the child must not outlive it, however it dies.
    @Flag(help: .hidden)
    public var stopWithParent = false

    public init() {}

    /// A logger that writes events as ``EventLogHandler`` does.
    ///
    /// - Parameter label: The part that speaks: `hub`, `base`, `sim`.
    public func logger(_ label: String) -> Logger {
        Logger(label: label) { EventLogHandler(label: $0, level: logLevel) }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
