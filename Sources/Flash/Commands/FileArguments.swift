import ArgumentParser
import ESPLoader
import Foundation

/// `ADDR FILE ...`: what goes where. Files that say themselves where they go (ELF, Intel HEX, UF2) stand alone.
struct FileArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Pairs of an address and a file, such as 0x0 boot.bin 0x10000 app.bin; ELF, Intel HEX and UF2 files need no address.",
            valueName: "address-and-file"), completion: .file())
    var items: [String]

    /// Reads the files.
    func plan() throws(FlashError) -> WritePlan {
        var files: [(name: String, pieces: [FlashData])] = []
        for (offset, path) in try Self.pairs(items) {
            if let offset, !offset.isAtSector {
                throw .usage("\(offset) is inside a sector; a file can begin at a multiple of 0x1000")
            }
            files.append((path, try InputFile(path: path).pieces(at: offset)))
        }
        return try WritePlan(files)
    }

    /// Takes addresses and files apart.
    static func pairs(_ items: [String]) throws(FlashError) -> [(offset: FlashOffset?, path: String)] {
        var pairs: [(offset: FlashOffset?, path: String)] = []
        var rest = items[...]
        while let first = rest.popFirst() {
            guard let number = Hex.number(first) else {
                guard FileManager.default.fileExists(atPath: first) else {
                    throw .inputFile(path: first, reason: "there is no such file, and it is no address such as 0x1000")
                }
                pairs.append((nil, first))
                continue
            }
            guard let offset = FlashOffset(bytes: number) else {
                throw .usage("\(first) is no place in a flash: it must be below 16 MB")
            }
            guard let path = rest.popFirst() else { throw .usage("after the address \(first) a file is missing") }
            pairs.append((offset, path))
        }
        return pairs
    }
}
