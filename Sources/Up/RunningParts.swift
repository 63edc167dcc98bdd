import Daemon
import Foundation
import Logging

/// The child processes that run now, in the order in which they were first started.
actor RunningParts {
    private let executable: URL
    private let logger: Logger
    private var running: [(part: Part, child: ChildProcess)] = []
    private var stopping = false
    private let startLimit: Duration

    /// The longest a part may take to end after it was asked to.
    static let stopLimit = Duration.seconds(15)

    /// - Parameter startLimit: The longest a part may take to become ready.
    init(executable: URL, logger: Logger, startLimit: Duration = .seconds(60)) {
        self.executable = executable
        self.logger = logger
        self.startLimit = startLimit
    }

    /// Starts a part and waits for its ready line.
    ///
    /// - Returns: The line, which is JSON.
    func start(_ part: Part) async throws -> Data {
        let child = try ChildProcess(name: part.name, executable: executable, arguments: part.arguments)
        if let index = running.firstIndex(where: { $0.part.name == part.name }) {
            running[index] = (part, child)
        } else {
            running.append((part, child))
        }
        do {
            return Data(try await child.readyLine(within: startLimit).utf8)
        } catch let error as ChildProcessError {
            // A part that is silent still runs.
            await child.stop(within: Self.stopLimit)
            throw error
        }
    }

    /// Runs a part that ends by itself, and gives its first line.
    func run(_ part: Part) async throws -> Data {
        let child = try ChildProcess(name: part.name, executable: executable, arguments: part.arguments)
        let line = try await child.readyLine(within: startLimit)
        _ = await child.waitForEnd()
        return Data(line.utf8)
    }

    /// Starts a part again whenever it ends, until the task is cancelled. A start that fails counts as an end.
    ///
    /// - Parameter part: As it is to be called from now on (a hub on a port that it chose keeps that port).
    /// - Throws: ``UpError/childKeepsFailing(_:)`` when the part ends too often, or cannot be started.
    func keepRunning(_ part: Part) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var budget = RestartBudget()
        while let child = running.first(where: { $0.part.name == part.name })?.child,
            let status = await child.waitForEnd(), !stopping
        {
            guard let delay = budget.delayAfterEnd(at: clock.now - start) else {
                throw UpError.childKeepsFailing(part.name)
            }
            logger.warning(
                "part.ended", metadata: ["part": "\(part.name)", "status": "\(status)", "again-in": "\(delay)"])
            try await Task.sleep(for: delay)
            do {
                _ = try await self.start(part)
            } catch let error as ChildProcessError {
                // What is left of it has ended, so the loop comes by again.
                logger.warning("part.not-started", metadata: ["part": "\(part.name)", "why": "\(error)"])
            }
        }
    }

    /// Stops all parts, the last started first, so that the base can still deliver what it has.
    func stopAll() async {
        stopping = true
        for (_, child) in running.reversed() {
            await child.stop(within: Self.stopLimit)
        }
    }
}
