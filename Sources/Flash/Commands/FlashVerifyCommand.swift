import ArgumentParser

/// `iot flash verify`.
struct FlashVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the flash with files.",
        discussion: """
            Example:
              iot flash verify 0x0 firmware.bin

            The header of an image at 0 is compared as it would be written; pass the same --flash-mode, --flash-freq and \
            --flash-size as when it was.
            """)

    @OptionGroup var files: FileArguments
    @OptionGroup var headers: HeaderOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let plan = try connection.exiting { () throws(FlashError) in try files.plan() }
        let runner = try BoardRunner(connection)
        let header = headers.header(runner.defaults)
        try await runner.run { (board, report) throws(FlashError) in
            let fitted = try plan.fitted(
                flashSize: board.flashSize(named: header.namedSize), header: header, isForced: true)
            if !board.loader.tellsDigests,
                let note = WriteJob.patience(bytes: fitted.bytes, baud: board.loader.link.baud)
            {
                report(.note(note))
            }
            for piece in fitted.pieces { try WriteJob.verify(piece.data, board, report) }
        }
    }
}
