import Daemon
import Foundation

/// The built command, run to its end.
public struct FinishedCommand: Sendable, Equatable {
    /// `exit code 0`.
    public var end: String
    /// The lines on stdout.
    public var output: [String]
    /// The lines on stderr.
    public var errors: [String]

    public init(end: String, output: [String], errors: [String]) {
        self.end = end
        self.output = output
        self.errors = errors
    }

    /// - Parameter limit: After it the command is stopped, and its end says so.
    public static func run(_ arguments: [String], within limit: Duration = .seconds(120)) async throws
        -> FinishedCommand
    {
        try await run(BuiltCommand.start(arguments), within: limit)
    }

    /// The same for a process that was started otherwise, with its stderr read.
    public static func run(_ process: ChildProcess, within limit: Duration = .seconds(120)) async
        -> FinishedCommand
    {
        async let output = process.lines.reduce(into: [String]()) { $0.append($1) }
        async let errors = process.errorLines?.reduce(into: [String]()) { $0.append($1) } ?? []
        let timer = Task {
            try await Task.sleep(for: limit)
            await process.stop(within: .seconds(1))
        }
        let end = await process.waitForEnd() ?? "cancelled"
        timer.cancel()
        return FinishedCommand(end: end, output: await output, errors: await errors)
    }
}
