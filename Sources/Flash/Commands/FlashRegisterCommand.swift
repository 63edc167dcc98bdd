import ArgumentParser
import ESPLoader

/// `iot flash reg`.
struct FlashRegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reg",
        abstract: "Read and write words of the chip's address space.",
        subcommands: [FlashRegisterReadCommand.self, FlashRegisterWriteCommand.self, FlashRegisterDumpCommand.self])

    static func word(_ text: String) throws -> UInt32 {
        guard let number = Hex.number(text), let word = UInt32(exactly: number) else {
            throw ValidationError("\(text) is no 32-bit number, such as 0x60000014")
        }
        return word
    }

    static func address(_ text: String) throws -> UInt32 {
        let address = try word(text)
        guard address.isMultiple(of: 4) else { throw ValidationError("\(text): a word's address is a multiple of 4") }
        return address
    }
}

struct FlashRegisterReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Print a word.",
        discussion: """
            Example:
              iot flash reg read 0x3ff00050
            """)

    @Argument(help: "Its address.", transform: FlashRegisterCommand.address)
    var address: UInt32
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let address = address
        try await BoardRunner(connection).run { (board, report) throws(FlashError) in
            try report.value(Hex.text(address), Hex.text(board.loader.registers([address])[0], 8))
        }
    }
}

struct FlashRegisterWriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write", abstract: "Write a word, or the bits of a mask.",
        discussion: """
            Example:
              iot flash reg write 0x60000300 0x1 --mask 0x1
            """)

    @Argument(help: "Its address.", transform: FlashRegisterCommand.address)
    var address: UInt32
    @Argument(help: "The value.", transform: FlashRegisterCommand.word)
    var value: UInt32
    @Option(help: "Which bits are written (default: all).", transform: FlashRegisterCommand.word)
    var mask: UInt32?
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (address, value, mask) = (address, value, mask ?? .max)
        try await BoardRunner(connection).run { (board, _) throws(FlashError) in
            try board.loader.writeRegister(address, value, mask: mask)
        }
    }
}

struct FlashRegisterDumpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Copy words into a file, lowest byte first.",
        discussion: """
            Example, the ROM:
              iot flash reg dump 0x40000000 64k rom.bin
            """)

    @Argument(help: "Where to begin.", transform: FlashRegisterCommand.address)
    var address: UInt32
    @Argument(help: "How many bytes; a multiple of 4.", transform: FlashRegisterCommand.address)
    var size: UInt32
    @Argument(help: "The file to write; - is stdout.", completion: .file())
    var file: String
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard UInt64(address) + UInt64(size) <= 1 << 32 else {
            throw ValidationError("the range ends behind the address space")
        }
    }

    func run() async throws {
        let (address, size, file) = (address, size, file)
        let runner = try BoardRunner(connection)
        try runner.checkOutput(file)
        try await runner.run { (board, report) throws(FlashError) in
            let bytes = try report.phase(.read, Hex.text(address), total: Int(size)) {
                (progress) throws(FlashError) -> [UInt8] in
                var bytes: [UInt8] = []
                let places = Array(stride(from: 0, to: size, by: 4)).map { address + $0 }
                for start in stride(from: 0, to: places.count, by: 64) {
                    let words = try board.loader.registers(Array(places[start..<min(places.count, start + 64)]))
                    bytes += words.flatMap(Hex.bytes)
                    progress(bytes.count)
                }
                return bytes
            }
            try OutputFile.write(bytes, to: file)
        }
    }
}
