import ArgumentParser
import ESPLoader

/// `iot image from-elf`.
struct ImageFromELFCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "from-elf",
        abstract: "Make the files that go into the flash from an ELF file.",
        discussion: """
            Examples:
              iot image from-elf app.elf
              iot image from-elf app.elf --layout 2 -o app.bin
              iot image from-elf sketch.ino.elf --layout arduino --eboot eboot.elf

            Layout 1, a version 1 image, is two files: what is loaded into memory (0x00000), and what runs from the flash (often 0x10000). \
            Layout 2 is one file, for Espressif's second boot loader. An Arduino build is one file with the core's own boot \
            loader (eboot) in front. --version is another word for --layout, as esptool's elf2image has it.
            """)

    @Argument(help: "The ELF file.", completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            "1 and 2 are the versions of Espressif's images; arduino is a build of the Arduino core (default: 1).",
            valueName: "layout"))
    var layout: ImageMaker.Layout?

    // Help lists the command's own --version beside it, so one of them would be a riddle there.
    @Option(help: .hidden)
    var version: ImageMaker.Layout?

    @Option(help: "The core's boot loader for --layout arduino: an ELF file or an image.", completion: .file())
    var eboot: String?

    @Option(
        name: .shortAndLong,
        help: "The file to write, - for stdout; for layout 1 what the names of its files begin with.")
    var output: String?

    @Option(
        help: "Flash mode in the header: qio, qout, dio or dout (default: qio).",
        completion: .list(HeaderOptions.modes),
        transform: Self.mode)
    var flashMode = FlashMode.qio

    @Option(
        help: "Flash frequency in the header: 20m, 26m, 40m or 80m (default: 40m).",
        completion: .list(HeaderOptions.frequencies),
        transform: Self.frequency)
    var flashFreq = FlashFrequency.megahertz40

    @Option(
        help: "Flash size in the header, such as 4MB (default: 1MB).", completion: .list(FlashSizeOption.names),
        transform: FlashSizeOption.size)
    var flashSize = FlashSize.megabytes1

    @Flag(help: "One line of JSON that names the files.")
    var json = false

    private struct Line: Encodable {
        var address: Int
        var bytes: Int
        var file: String
    }

    func validate() throws {
        if layout != nil, version != nil {
            throw ValidationError("--layout and --version are one option; give it once")
        }
        if eboot != nil, chosen != .arduino { throw ValidationError("--eboot is for --layout arduino") }
        if json, output == "-" { throw ValidationError("--json and -o - both want stdout; name a file") }
    }

    func run() throws {
        let made = try BoardRunner.exiting { () throws(FlashError) in
            let made = try ImageMaker(InputFile(path: file), header).make(
                chosen, bootLoader: eboot.map { path throws(FlashError) in try InputFile(path: path) }, output: output)
            for part in made { try OutputFile.check(part.path, isNoneOf: [file] + [eboot].compactMap { $0 }) }
            try OutputFile.write(made.map { OutputFile(path: $0.path, bytes: $0.data.bytes) })
            return made
        }
        if output == "-" { return }
        if json {
            return try ImageCommand.say(
                json: made.map { Line(address: $0.data.offset.bytes, bytes: $0.data.bytes.count, file: $0.path) })
        }
        let lines = made.map {
            "\(Hex.text(UInt32($0.data.offset.bytes), 5))  \($0.path), \($0.data.bytes.count) bytes"
        }
        try BoardRunner.exiting { () throws(FlashError) in try ImageCommand.say(lines) }
    }

    private var chosen: ImageMaker.Layout { layout ?? version ?? .first }

    private var header: ImageHeader {
        ImageHeader(mode: flashMode, size: flashSize, frequency: flashFreq, entry: 0)
    }

    private static func mode(_ text: String) throws -> FlashMode {
        guard let mode = FlashMode(name: text) else {
            throw ValidationError("--flash-mode takes qio, qout, dio or dout")
        }
        return mode
    }

    private static func frequency(_ text: String) throws -> FlashFrequency {
        guard let frequency = FlashFrequency(name: text) else {
            throw ValidationError("--flash-freq takes 20m, 26m, 40m or 80m")
        }
        return frequency
    }
}

extension ImageMaker.Layout: ExpressibleByArgument {}
