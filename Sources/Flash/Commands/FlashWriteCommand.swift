import ArgumentParser
import ESPLoader

/// `iot flash write`.
struct FlashWriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Write files into the flash, and verify them.",
        discussion: """
            Examples:
              iot flash write 0x0 firmware.bin
              iot flash write --baud 460800 0x0 boot.bin 0x10000 app.bin

            Sectors of 4096 bytes are erased whole: what else was in them is lost. Without a stub the ROM's loader reads back \
            64 bytes at a time, so verifying takes longer than writing; a higher --baud helps with both.
            """)

    @OptionGroup var files: FileArguments
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var headers: HeaderOptions

    @Flag(inversion: .prefixedNo, help: "Read back what was written and compare it.")
    var verify = true

    @Flag(help: "Write what does not fit, or is an image for another chip.")
    var force = false

    func run() async throws {
        let plan = try BoardRunner.exiting { () throws(FlashError) in try files.plan() }
        let runner = try BoardRunner(connection)
        let job = WriteJob(
            plan: plan, header: headers.header(runner.defaults), isForced: force, verifies: verify)
        try await runner.run { (board, report) throws(FlashError) in try job.run(board, report) }
    }
}
