import ArgumentParser
import Daemon
import Foundation
import TerminalText

/// `iot base run`: serves until it is stopped.
struct BaseRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the base until SIGINT or SIGTERM, which drain it.",
        discussion: """
            SIGINT and SIGTERM have it deliver what it can within 10 s and stop; SIGHUP has it read the configuration anew.
            Exit code 0: it was stopped. 1: it failed. 64: wrong options. 78: a wrong configuration, which another attempt does
            not help.

            Example:
              iot base run --config /etc/iot/config.json
            """)

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "Print one line of JSON when the base runs.")
    var json = false

    @OptionGroup var daemon: DaemonOptions

    /// What is not known as a command comes here, since this is the one that runs without a name.
    @Argument(help: .hidden)
    var rest: [String] = []

    func validate() throws {
        guard let word = rest.first else { return }
        let names = BaseCommand.configuration.subcommands.map { $0._commandName }
        throw ValidationError(
            "there is no command 'iot base \(word.printable)'; there are \(names.joined(separator: ", ")), and the "
                + "configuration is named with --config")
    }

    private struct Ready: Encodable {
        var ready = true
        var units: Int
    }

    func run() async throws {
        let configuration = try file.readToRun()
        let log = daemon.eventLog()
        defer { log.finish() }
        let logger = daemon.logger("base", to: log)
        for warning in configuration.warnings {
            logger.warning("configuration.warning", metadata: ["why": "\(warning)"])
        }
        let count = configuration.clients.count
        let json = json
        let descriptors = DescriptorLimit.raise(for: Gateway.mostDescriptors(for: configuration))
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment, logger: logger)
        let gateway = try await Gateway(
            configuration: configuration, descriptors: descriptors, file: file.path, manager: manager, logger: logger
        ) {
            manager.tell(.ready(status: "\(count) \(count == 1 ? "unit" : "units") to read"))
            logger.notice("base.started", metadata: ["units": "\(count)"])
            // Nobody reads it: nothing is lost but the line.
            if json { try? Daemon.printLine(Ready(units: count)) }
        }
        let result = await Result<Void, any Error>(catching: {
            let services = manager.watching(gateway.services, answers: gateway.answers)
            try await Daemon.run(services, options: daemon, logger: logger)
        })
        await gateway.close()
        try result.get()
        logger.notice("base.stopped")
    }
}
