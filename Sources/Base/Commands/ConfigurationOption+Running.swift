import ArgumentParser
import Foundation
import Settings
import TerminalText

extension ConfigurationOption {
    /// `EX_CONFIG` of sysexits.h: a service manager does not try again what only another configuration helps
    /// (`RestartPreventExitStatus=` in packaging/iot-base.service).
    private static let wrongConfiguration = ExitCode(78)

    /// As ``read()``, for a command that runs until it is stopped.
    ///
    /// - Throws: The exit code 78; what is wrong stands on stderr.
    func readToRun() throws -> Configuration {
        do {
            return try read()
        } catch {
            try? FileHandle.standardError.write(contentsOf: Data("Error: \(error.printableLines)\n".utf8))
            throw Self.wrongConfiguration
        }
    }
}
