import Foundation
import Logging
import ServiceLifecycle

/// How a long-running command lives as a process.
public enum Daemon {
    /// The longest time that services may take to drain after a stop signal before they are cancelled.
    public static let drainLimit = Duration.seconds(10)

    /// Runs services until one fails or a stop is asked for: SIGINT, SIGTERM, or the parent's end.
    ///
    /// Services stop in the reverse order of the list, each by its graceful shutdown; what has not ended within
    /// ``drainLimit`` is cancelled.
    ///
    /// - Throws: The error of the service that failed. A stop that was asked for is no error.
    public static func run(_ services: [any Service], options: DaemonOptions, logger: Logger) async throws {
        var configurations = services.map {
            ServiceGroupConfiguration.ServiceConfiguration(service: $0)
        }
        if options.stopWithParent {
            configurations.append(
                .init(
                    service: ParentLifetime(),
                    successTerminationBehavior: .gracefullyShutdownGroup))
        }
        var configuration = ServiceGroupConfiguration(
            services: configurations,
            gracefulShutdownSignals: [.sigint, .sigterm],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = drainLimit
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            // Nothing but the end of the drain cancels services.
            logger.warning("drain.ended", metadata: ["why": "what had not ended within \(drainLimit) was cut"])
        }
    }

    /// Writes one line of JSON to stdout, keys sorted, and flushes it: what scripts wait for.
    public static func printLine(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = try encoder.encode(value)
        line.append(UInt8(ascii: "\n"))
        try FileHandle.standardOutput.write(contentsOf: line)
    }
}
