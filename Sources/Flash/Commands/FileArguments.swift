import ArgumentParser
import ESPLoader

/// `ADDR FILE ...`: what goes where. Files that say themselves where they go (ELF, Intel HEX, UF2) stand alone.
struct FileArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Pairs of an address and a file, such as 0x0 boot.bin 0x10000 app.bin; ELF, Intel HEX and UF2 files need no address.",
            valueName: "address-and-file"))
    var items: [String]

    /// Reads the files.
    func plan() throws(FlashError) -> WritePlan {
        var files: [(name: String, pieces: [FlashData])] = []
        var rest = items[...]
        while let first = rest.popFirst() {
            var path = first
            var offset: FlashOffset?
            if let number = Hex.number(first) {
                guard let found = FlashOffset(bytes: number) else {
                    throw .usage("\(first) is no place in a flash: it must be below 16 MB")
                }
                guard let next = rest.popFirst() else { throw .usage("after the address \(first) a file is missing") }
                guard found.isAtSector else {
                    throw .usage("\(first) is inside a sector; a file can begin at a multiple of 0x1000")
                }
                path = next
                offset = found
            }
            files.append((path, try InputFile(path: path).pieces(at: offset)))
        }
        return try WritePlan(files)
    }
}
