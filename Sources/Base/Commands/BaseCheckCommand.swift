import ArgumentParser
import Foundation
import Settings
import TerminalText

/// `iot base check`: says all that is wrong with a configuration at once.
struct BaseCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration; nothing is started or dialled.",
        discussion: """
            Exit code 0: it is right, perhaps with warnings. 1: it is not; each problem stands on a line of stderr.

            Examples:
              iot base check --config config.json
              iot base check --without-secrets --config /etc/iot/config.json
            """)

    @OptionGroup var file: ConfigurationOption

    @Flag(
        help: "Take secrets that are not found to be where the service alone can look, such as systemd's credentials.")
    var withoutSecrets = false

    func run() throws {
        do {
            let configuration = try file.read(mayLackSecrets: withoutSecrets)
            for warning in configuration.warnings {
                print("warning: \("\(warning)".printable)")
            }
            let count = configuration.clients.count
            print("\(file.path) is right: \(count) \(count == 1 ? "unit" : "units") to read")
        } catch let error as SettingsError {
            try? FileHandle.standardError.write(contentsOf: Data("\(error.printableLines)\n".utf8))
            throw ExitCode.failure
        }
    }
}
