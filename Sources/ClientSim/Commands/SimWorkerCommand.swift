import ArgumentParser
import Daemon

/// `iot sim worker`: a part of a fleet that is too large for one process. Its parent starts it.
struct SimWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Run a part of a fleet for the process that has started this one.",
        shouldDisplay: false)

    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
        try await WorkerSession(logger: daemon.logger("sim")).run()
    }
}
