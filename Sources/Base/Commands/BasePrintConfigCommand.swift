import ArgumentParser
import Foundation
import Settings

/// `iot base print-config`: what a base would run with.
struct BasePrintConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print-config",
        abstract: "Print the configuration that is in effect, with all defaults; secrets are hidden.",
        discussion: """
            JSON on stdout, warnings on stderr. Exit code 1: the configuration is wrong, and stderr says where.

            Example:
              iot base print-config --config /etc/iot/config.json
            """)

    @OptionGroup var file: ConfigurationOption

    func run() throws {
        do {
            let configuration = try file.read()
            for warning in configuration.warnings { Self.tell("warning: \(warning)") }
            print(configuration.effectiveText)
        } catch let error as SettingsError {
            Self.tell("\(error)")
            throw ExitCode.failure
        }
    }

    private static func tell(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
    }
}
