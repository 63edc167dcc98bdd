import ESPLoader
import Files
import Foundation

/// A file that goes to a board, in whichever format it is.
struct InputFile {
    var path: String
    var bytes: [UInt8]

    /// No flash on these boards is larger; UF2 and HEX take up to three times the space.
    private static let mostBytes = 64 << 20

    enum Format: Equatable {
        case raw
        case elf
        case hex
        case uf2

        var name: String {
            switch self {
            case .raw: "raw"
            case .elf: "an ELF file"
            case .hex: "an Intel HEX file"
            case .uf2: "a UF2 file"
            }
        }
    }

}

extension InputFile {
    /// - Throws: ``FlashError/inputFile(path:reason:)``.
    init(path: String) throws(FlashError) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else {
            throw .inputFile(path: path, reason: "there is no such file")
        }
        let data: Data
        do {
            data = try RegularFile.bytes(of: path, atMost: Self.mostBytes)
        } catch {
            throw .inputFile(path: path, reason: "\(error)")
        }
        guard !data.isEmpty else { throw .inputFile(path: path, reason: "it is empty") }
        bytes = Array(data)
    }

    /// By what stands at the beginning; Intel HEX, which is text, by its name or by a whole record.
    var format: Format {
        if bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return .elf }
        if bytes.starts(with: Array("UF2\n".utf8)) { return .uf2 }
        let isNamedHEX = [".hex", ".ihex", ".ihx"].contains { path.lowercased().hasSuffix($0) }
        return isNamedHEX || beginsWithRecord ? .hex : .raw
    }

    private var beginsWithRecord: Bool {
        let line = bytes.prefix(IntelHEX.longestRecord + 1).prefix { !$0.isNewline }
        return line.count < bytes.count && IntelHEX.isRecord(String(decoding: line, as: UTF8.self))
    }

    /// What goes where into the flash.
    ///
    /// - Parameter offset: For formats that do not say; nil where none was given.
    func pieces(at offset: FlashOffset?) throws(FlashError) -> [FlashData] {
        guard format == .raw || offset == nil else {
            throw .usage("\(path) says itself where it goes, because it is \(format.name): leave its address out")
        }
        do {
            switch format {
            case .raw:
                guard let offset else {
                    throw FlashError.usage("\(path): say where it goes: ADDR FILE, such as 0x0 \(path)")
                }
                return [FlashData(offset: offset, bytes: bytes)]
            case .elf: return try flashed(FirmwareImage.Linked(ELF32(bytes)))
            case .hex: return try IntelHEX.parse(String(decoding: bytes, as: UTF8.self))
            case .uf2: return try UF2.parse(bytes)
            }
        } catch let error as FlashError {
            throw error
        } catch {
            throw .inputFile(path: path, reason: "\(error)")
        }
    }

    static let nothingToLoad = "it has no section to load; was it stripped of its section headers?"

    /// Image of version 1 at 0, and what is read from the flash in its place.
    private func flashed(_ linked: FirmwareImage.Linked) throws(FlashError) -> [FlashData] {
        guard !linked.isEmpty else { throw .inputFile(path: path, reason: Self.nothingToLoad) }
        guard linked.inFlash?.address != ArduinoLayout.codeAddress else {
            throw .inputFile(
                path: path,
                reason:
                    "it is an Arduino build, which starts only through the core's boot loader; write the .bin of the "
                    + "build, or make it: iot image from-elf \(path) --layout arduino --eboot eboot.elf")
        }
        var pieces: [FlashData] = []
        if let start = FlashOffset(bytes: 0) {
            pieces.append(FlashData(offset: start, bytes: linked.first(ImageHeader(entry: linked.entry)).encoded))
        }
        if let part = linked.inFlash, let offset = linked.flashOffset.flatMap({ FlashOffset(bytes: $0) }) {
            pieces.append(FlashData(offset: offset, bytes: part.data))
        }
        return pieces
    }
}

extension UInt8 {
    fileprivate var isNewline: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
