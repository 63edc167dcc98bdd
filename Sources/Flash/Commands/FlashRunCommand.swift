import ArgumentParser

/// `iot flash run`.
struct FlashRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Leave the loader and start what is in the flash.",
        discussion: """
            Example, for a board that was left in its loader:
              iot flash run --before no-reset
            """)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        // The way out of the loader is what every command does at its end.
        try await BoardRunner(connection).run { (_, _) throws(FlashError) in }
    }
}
