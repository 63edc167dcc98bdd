import ArgumentParser
import ESPLoader

/// `iot flash status`: the flash's own status registers.
struct FlashStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Read and write the flash's status registers.",
        subcommands: [FlashStatusReadCommand.self, FlashStatusWriteCommand.self])
}

struct FlashStatusReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Print both status registers, the second one first.",
        discussion: """
            Example:
              iot flash status read
            """)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await BoardRunner(connection).run { (board, report) throws(FlashError) in
            try report.value("status", Hex.text(UInt32(board.loader.readStatus()), 4))
        }
    }
}

struct FlashStatusWriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write", abstract: "Write both status registers.",
        discussion: """
            Wrong bits can make a flash unusable. Example, no protection and no quad mode:
              iot flash status write 0x0000
            """)

    @Argument(help: "The value of both, the second one first.", transform: FlashRegisterCommand.word)
    var value: UInt32
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard value <= UInt16.max else { throw ValidationError("two registers hold 16 bits") }
    }

    func run() async throws {
        let status = UInt16(truncatingIfNeeded: value)
        try await BoardRunner(connection).run { (board, _) throws(FlashError) in
            board.loader.state = FlashState([FlashState.Part(deed: .writeStatus, range: 0..<0)])
            try board.loader.writeStatus(status)
        }
    }
}
