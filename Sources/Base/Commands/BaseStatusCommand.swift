import ArgumentParser
import Foundation
import Settings

/// `iot base status`: asks the base that runs on this machine how it fares.
struct BaseStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the base that runs on this machine fares.",
        discussion: """
            Asks at operations.listen of the configuration; without a configuration, at its usual place.
            Exit code 0: a base has answered. 3: none runs there. 1: another error.

            Examples:
              iot base status
              iot base status --json --config /etc/iot/config.json
            """)

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("The configuration of the base; only operations.listen is read.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var path: String?

    @Flag(help: "Print what the base has answered, one line of JSON.")
    var json = false

    private static let noBase = ExitCode(3)

    func run() async throws {
        let settings = try settings()
        guard let place = settings.listen else { throw BaseStatusError.off }
        let (body, report) = try await Self.ask(place)
        if json {
            try FileHandle.standardOutput.write(contentsOf: body)
            return
        }
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isColoured = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        let table = StatusTable(report, width: isTerminal ? Self.terminalWidth : nil, isColoured: isColoured)
        try FileHandle.standardOutput.write(contentsOf: Data(table.text.utf8))
    }

    /// Where the base listens; one whose file was spoilt since it started still does so at its place, most likely the usual one.
    private func settings() throws -> OperationsSettings {
        do {
            return try ConfigurationOption.operations(path)
        } catch let error as SettingsError {
            let usual = OperationsSettings()
            guard let place = usual.listen else { throw error }
            let words = "warning: \(error.printableLines)\nwarning: asking at the usual place, \(place)\n"
            try? FileHandle.standardError.write(contentsOf: Data(words.utf8))
            return usual
        }
    }

    private static func ask(_ place: OperationsSettings.Place) async throws -> (body: Data, report: StatusReport) {
        do {
            return try await StatusQuestion.ask(place)
        } catch let error as BaseStatusError {
            guard case .nobody = error else { throw error }
            try? FileHandle.standardError.write(contentsOf: Data("Error: \(error)\n".utf8))
            throw noBase
        }
    }

    private static var terminalWidth: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
