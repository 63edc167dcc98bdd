import Daemon
import Foundation
import Logging

/// The child processes that run now, in the order in which they were first started.
actor RunningParts {
    private let executable: URL
    private let logger: Logger
    private var running: [(part: Part, child: ChildProcess)] = []
    private var stopping = false

    /// The longest a part may take to become ready, and to end after it was asked to.
    static let startLimit = Duration.seconds(60)
    static let stopLimit = Duration.seconds(15)

    init(executable: URL, logger: Logger) {
        self.executable = executable
        self.logger = logger
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
        let line = try await child.readyLine(within: Self.startLimit)
        return Data(line.utf8)
    }

    /// Runs a part that ends by itself, and gives its first line.
    func run(_ part: Part) async throws -> Data {
        let child = try ChildProcess(name: part.name, executable: executable, arguments: part.arguments)
        let line = try await child.readyLine(within: Self.startLimit)
        _ = await child.waitForEnd()
        return Data(line.utf8)
    }

    /// Starts a part again whenever it ends, until the task is cancelled.
    ///
    /// - Parameter part: As it is to be called from now on (a hub on a port that it chose keeps that port).
    /// - Throws: ``UpError/childKeepsFailing(_:)`` when the part ends too often.
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
            } catch ChildProcessError.childEnded {
                continue
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
