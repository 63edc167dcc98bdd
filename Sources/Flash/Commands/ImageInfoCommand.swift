import ArgumentParser

/// `iot image info`.
struct ImageInfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Say what stands in a firmware image, and whether its sums are right.",
        discussion: """
            Example:
              iot image info firmware.bin

            Ends with exit code 6 where a checksum or a CRC is wrong, or the file is no image.
            """)

    @Argument(help: "The image: raw, Intel HEX or UF2.", completion: .file())
    var file: String

    @Flag(help: "One line of JSON; addresses and sums are numbers.")
    var json = false

    func run() throws {
        let report = try BoardRunner.exiting { () throws(FlashError) in
            try ImageReport(FlatFile(file, offset: nil))
        }
        if json {
            try ImageCommand.say(json: report)
        } else {
            try BoardRunner.exiting { () throws(FlashError) in try ImageCommand.say(report.text) }
        }
        if !report.isRight { throw ExitStatus.refusedInput.code }
    }
}
