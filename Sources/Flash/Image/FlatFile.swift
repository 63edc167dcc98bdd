import ESPLoader

/// A file as the flash would hold it, in one piece; gaps are erased flash (FF).
struct FlatFile {
    var path: String
    /// Where it begins in the flash (bytes).
    var start: Int
    var bytes: [UInt8]
    /// The file itself, where its bytes are packed in another format than raw.
    var packing: Packing?

    struct Packing: Equatable {
        var format: InputFile.Format
        /// Of the file.
        var bytes: Int
    }

    var end: Int { start + bytes.count }
}

extension FlatFile {
    /// - Parameter offset: Where a raw file begins; the other formats say it themselves.
    /// - Throws: ``FlashError/inputFile(path:reason:)``, also for ELF files, which have no place in the flash.
    init(_ path: String, offset: FlashOffset?) throws(FlashError) {
        let file = try InputFile(path: path)
        guard file.format != .elf else {
            throw .inputFile(
                path: path, reason: "it is an ELF file; make what goes into the flash first: iot image from-elf \(path)"
            )
        }
        let start = file.format == .raw ? offset ?? FlashOffset(bytes: 0) : nil
        let pieces = try file.pieces(at: start).sorted { $0.offset < $1.offset }
        self.path = path
        self.start = pieces.first?.offset.bytes ?? 0
        bytes = []
        packing = file.format == .raw ? nil : Packing(format: file.format, bytes: file.bytes.count)
        for piece in pieces {
            guard piece.offset.bytes >= end else {
                throw .inputFile(path: path, reason: "it says twice what stands at \(piece.offset)")
            }
            bytes += [UInt8](repeating: 0xFF, count: piece.offset.bytes - end) + piece.bytes
        }
    }
}
