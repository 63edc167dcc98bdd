import ArgumentParser
import ESPLoader
import Foundation

/// `iot flash id`.
struct FlashIDCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "id",
        abstract: "Say which chip, crystal, MAC address and flash a board has.",
        discussion: """
            Example:
              iot flash id --all
            """)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        var runner = try BoardRunner(connection)
        runner.tellsMeeting = connection.json
        try await runner.run { (board, report) throws(FlashError) in
            guard !report.reporter.takesStdout else { return }
            let lines = [
                report.isOneOfSeveral ? "port     \(report.port)" : nil,
                "chip     \(board.chip.model.rawValue)", "crystal  \(board.crystal.rawValue) MHz",
                "mac      \(board.chip.macText)",
                "flash    \(board.flash.size.map(FlashSize.text) ?? "unknown size"), "
                    + "\(board.flash.maker ?? "unknown maker"), id \(board.flash.text)",
            ]
            let text = lines.compactMap(\.self).map { $0 + "\n" }.joined()
            try OutputFile.write(Array(text.utf8), to: "-")
        }
    }
}
