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

    func validate() throws {
        guard connection.after != .noReset else {
            throw ValidationError("run leaves the loader; --after no-reset would keep the board in it")
        }
    }

    func run() async throws {
        var connection = connection
        // What a file of defaults says is for the other commands.
        connection.after = .hardReset
        // The way out of the loader is what every command does at its end.
        var runner = try BoardRunner(connection)
        runner.tellsLeaving = true
        try await runner.run { (_, _) throws(FlashError) in }
    }
}
