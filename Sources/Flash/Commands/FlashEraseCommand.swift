import ArgumentParser
import ESPLoader

/// `iot flash erase`.
struct FlashEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase all of the flash.",
        discussion: """
            Example:
              iot flash erase --port /dev/ttyUSB0
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var size: FlashSizeOption

    func run() async throws {
        let named = size.flashSize
        try await BoardRunner(connection).run { (board, report) throws(FlashError) in
            let size = try board.flashSize(named: named)
            board.loader.state = FlashState([FlashState.Part(deed: .erase, range: 0..<size)])
            try report.phase(.erase, "all of the flash", total: 0) { (_) throws(FlashError) in
                try board.loader.eraseAll()
            }
        }
    }
}

/// `iot flash erase-region`.
struct FlashEraseRegionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase-region",
        abstract: "Erase sectors of 4096 bytes.",
        discussion: """
            Example, the first megabyte's last sector:
              iot flash erase-region 0xff000 0x1000
            """)

    @Argument(help: "Where to begin; a multiple of 0x1000.", transform: Self.sector)
    var address: Int
    @Argument(help: "How many bytes; a multiple of 0x1000.", transform: Self.sector)
    var size: Int
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var flash: FlashSizeOption

    private static func sector(_ text: String) throws -> Int {
        guard let number = Hex.number(text), number <= FlashOffset.limit,
            number.isMultiple(of: FlashGeometry.sectorBytes)
        else { throw ValidationError("\(text): a sector begins at a multiple of 0x1000, below 16 MB") }
        return number
    }

    func run() async throws {
        let sectors = address / FlashGeometry.sectorBytes..<(address + size) / FlashGeometry.sectorBytes
        guard !sectors.isEmpty else { throw ValidationError("the size is 0: nothing to erase") }
        let named = flash.flashSize
        try await BoardRunner(connection).run { (board, report) throws(FlashError) in
            let end = sectors.upperBound * FlashGeometry.sectorBytes
            let size = try board.flashSize(named: named)
            guard end <= size else { throw .doesNotFit(what: "the region", end: end, flash: size) }
            let start = sectors.lowerBound * FlashGeometry.sectorBytes
            board.loader.state = FlashState([FlashState.Part(deed: .erase, range: start..<end)])
            try report.phase(
                .erase, Hex.text(UInt32(start)), total: end - start
            ) { (progress) throws(FlashError) in
                try board.loader.erase(sectors: sectors, progress: progress)
            }
        }
    }
}
