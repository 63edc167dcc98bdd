import ArgumentParser
import ESPLoader

/// `iot image merge`.
struct ImageMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make one file of several, each at its place in the flash.",
        discussion: """
            Examples:
              iot image merge -o all.bin 0x0 boot.bin 0x10000 app.bin
              iot image merge -o all.hex --format hex 0x0 boot.bin more.uf2
              iot image merge -o whole.bin --fill-to 4m 0x0 boot.bin

            A raw file begins at 0x0 of the flash, and what no file fills is FF. UF2 and Intel HEX keep the gaps.
            """)

    @Argument(
        help: ArgumentHelp(
            "Pairs of an address and a file, such as 0x0 boot.bin; Intel HEX and UF2 files need no address.",
            valueName: "address-and-file"), completion: .file())
    var items: [String]

    @Option(name: .shortAndLong, help: "The file to write; - is stdout.", completion: .file())
    var output: String

    @Option(help: "raw, uf2 or hex.", completion: .list(["raw", "uf2", "hex"]))
    var format = MergedImage.Format.raw

    @Option(
        help: "Fill a raw file with FF up to this size, such as 0x100000 or 4m.", transform: ImageMergeCommand.size)
    var fillTo: Int?

    static func size(_ text: String) throws -> Int {
        guard let size = FlashSize(name: text)?.bytes ?? Hex.number(text), (1...FlashOffset.limit).contains(size) else {
            throw ValidationError("\(text) is no size of a flash: a number of bytes such as 0x100000 or 4m")
        }
        return size
    }

    func validate() throws {
        if fillTo != nil, format != .raw {
            throw ValidationError("--fill-to is for raw files; \(format) keeps the gaps")
        }
    }

    func run() throws {
        try BoardRunner.exiting { () throws(FlashError) in
            let merged = try MergedImage(files())
            guard merged.end <= fillTo ?? .max else {
                throw .usage(
                    "the files end at \(Hex.text(UInt32(merged.end))), beyond --fill-to \(Hex.text(UInt32(fillTo ?? 0)))"
                )
            }
            try OutputFile.check(output, isNoneOf: items)
            let bytes = merged.encoded(format, fill: fillTo ?? 0)
            try OutputFile.write(bytes, to: output)
            guard output != "-" else { return }
            let range =
                "\(Hex.text(UInt32(format == .raw ? 0 : merged.start))) to \(Hex.text(UInt32(max(merged.end, fillTo ?? 0))))"
            try ImageCommand.say(["\(output), \(bytes.count) bytes, \(format.name): \(range)"])
        }
    }

    private func files() throws(FlashError) -> [(name: String, pieces: [FlashData])] {
        var files: [(name: String, pieces: [FlashData])] = []
        for (offset, path) in try FileArguments.pairs(items) { files.append((path, try pieces(path, at: offset))) }
        return files
    }

    private func pieces(_ path: String, at offset: FlashOffset?) throws(FlashError) -> [FlashData] {
        let file = try InputFile(path: path)
        guard file.format != .elf else {
            throw .inputFile(
                path: path, reason: "it is an ELF file; make what goes into the flash first: iot image from-elf \(path)"
            )
        }
        return try file.pieces(at: offset)
    }
}

extension MergedImage.Format: ExpressibleByArgument {}
