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

    @OptionGroup var size: FlashSizeOption
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let named = size.flashSize
        try await BoardRunner(connection).run { (board, report) throws(FlashError) in
            let size = try board.flashSize(named: named)
            board.loader.state = FlashState([FlashState.Part(deed: .erase, range: 0..<size)])
            try report.phase(.erase, "all of the flash", total: 0) { (_) throws(FlashError) in
                try board.loader.eraseAll(size: size)
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
    @Argument(help: "How many bytes, a multiple of 0x1000; all means up to the end.", transform: Self.size)
    var size: Int?
    @OptionGroup var flash: FlashSizeOption
    @OptionGroup var connection: ConnectionOptions

    private static func sector(_ text: String) throws -> Int {
        guard let number = Hex.number(text), number <= FlashOffset.limit,
            number.isMultiple(of: FlashGeometry.sectorBytes)
        else { throw ValidationError("\(text): a sector begins at a multiple of 0x1000, below 16 MB") }
        return number
    }

    private static func size(_ text: String) throws -> Int? {
        if text == "all" { return nil }
        guard let number = Hex.number(text), (1...FlashOffset.limit).contains(number),
            number.isMultiple(of: FlashGeometry.sectorBytes)
        else {
            throw ValidationError(
                "\(text): sectors are erased whole: a size is a multiple of 0x1000, up to 16 MB, or all")
        }
        return number
    }

    func run() async throws {
        let (start, count, named) = (address, size, flash.flashSize)
        try await BoardRunner(connection).run { (board, report) throws(FlashError) in
            let size = try board.flashSize(named: named)
            let end = count.map { start + $0 } ?? size
            guard end <= size, end > start else {
                throw .doesNotFit(what: "the region", end: max(end, start + 1), flash: size)
            }
            let sectors = start / FlashGeometry.sectorBytes..<end / FlashGeometry.sectorBytes
            board.loader.state = FlashState([FlashState.Part(deed: .erase, range: start..<end)])
            try report.phase(
                .erase, Hex.text(UInt32(start)), total: end - start
            ) { (progress) throws(FlashError) in
                try board.loader.erase(sectors: sectors, progress: progress)
            }
        }
    }
}
