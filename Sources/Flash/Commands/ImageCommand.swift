import ArgumentParser
import Foundation

/// `iot image`: what is done with firmware files, without a board.
public struct ImageCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Make, inspect, merge and compare firmware images.",
        discussion: """
            Examples:
              iot image info firmware.bin
              iot image from-elf app.elf
              iot image merge -o all.bin 0x0 boot.bin 0x10000 app.bin
              iot image diff old.bin new.bin

            Exit codes: \(ExitStatus.fileTable)
            """,
        subcommands: [
            ImageInfoCommand.self, ImageFromELFCommand.self, ImageMergeCommand.self, ImageDiffCommand.self,
        ])

    public init() {}

    static func say(_ lines: [String]) throws(FlashError) {
        try OutputFile.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: "-")
    }

    static func say(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try String(decoding: encoder.encode(value), as: UTF8.self)
        try BoardRunner.exiting { () throws(FlashError) in try say([line]) }
    }
}
