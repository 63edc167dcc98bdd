import ArgumentParser
import ESPLoader

/// `iot flash load-ram`.
struct FlashLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-ram",
        abstract: "Put a program into memory and start it; the flash stays as it is.",
        discussion: """
            Example:
              iot flash load-ram test.elf
            """)

    @Argument(help: "An image or an ELF file whose sections lie in IRAM and DRAM.", completion: .file())
    var file: String
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let program = try connection.exiting { () throws(FlashError) in try RAMProgram(InputFile(path: file)) }
        var connection = connection
        // It runs already; a reset would end it.
        connection.after = .noReset
        // The ROM's loader puts it there; a stub would be in its way.
        connection.noStub = true
        try await BoardRunner(connection).run { (board, report) throws(FlashError) in
            try report.phase(.load, Hex.text(program.entry), total: program.bytes) { (_) throws(FlashError) in
                try board.loader.load(program.segments, entry: program.entry)
            }
        }
    }
}
