import ArgumentParser
import ESPLoader
import Foundation

/// `iot flash read`.
struct FlashReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Copy a part of the flash, or all of it, into a file.",
        discussion: """
            Examples:
              iot flash read 0x0 4m backup.bin
              iot flash read 0x1000 0x100 - | xxd

            Sizes may end with k, KB, m or MB. With --no-stub every piece is read twice, because the wire carries no \
            checksum: this is slow.
            """)

    @Argument(help: "Where to begin.", transform: Self.offset)
    var address: Int
    @Argument(help: "How many bytes; all means up to the end.", transform: Self.size)
    var size: Int?
    @Argument(help: "The file to write; - is stdout.", completion: .file())
    var file: String
    @OptionGroup var flash: FlashSizeOption
    @OptionGroup var connection: ConnectionOptions

    private static func offset(_ text: String) throws -> Int {
        guard let number = Hex.number(text), number < FlashOffset.limit else {
            throw ValidationError("\(text) is no place in a flash: a number below 16 MB, such as 0x1000")
        }
        return number
    }

    private static func size(_ text: String) throws -> Int? {
        if text == "all" { return nil }
        guard let number = Hex.number(text), (1...FlashOffset.limit).contains(number) else {
            throw ValidationError("\(text) is no size: a number of bytes such as 0x1000 or 4MB, or all")
        }
        return number
    }

    func run() async throws {
        let runner = try BoardRunner(connection)
        try runner.checkOutput(file)
        let (address, size, file, named) = (address, size, file, flash.flashSize)
        try await runner.run { (board, report) throws(FlashError) in
            let flashSize = try board.flashSize(named: named)
            let end = size.map { address + $0 } ?? flashSize
            guard end <= flashSize, end > address else {
                throw .doesNotFit(what: "what is to be read", end: max(end, address + 1), flash: flashSize)
            }
            let bytes = try report.phase(.read, Hex.text(UInt32(address)), total: end - address) {
                (progress) throws(FlashError) in
                try board.loader.read(address, count: end - address, progress: progress)
            }
            try OutputFile.write(bytes, to: file)
        }
    }
}
