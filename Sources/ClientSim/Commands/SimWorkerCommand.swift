import ArgumentParser
import Logging

/// `iot sim worker`: a part of a fleet that is too large for one process. Its parent starts it.
struct SimWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Run a part of a fleet for the process that has started this one.",
        shouldDisplay: false)

    func run() async throws {
        try await WorkerSession(logger: Logger(label: "sim")).run()
    }
}
