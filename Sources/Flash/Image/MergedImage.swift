import ESPLoader

/// Several files as one.
struct MergedImage {
    enum Format: String, CaseIterable {
        case raw
        case uf2
        case hex
    }

    /// Sorted by place, apart from each other.
    private var pieces: [FlashData]

    private static let erased: UInt8 = 0xFF

    /// - Throws: ``FlashError/overlap(_:_:)`` for files that share a sector: whoever flashes one would erase the other.
    init(_ files: [(name: String, pieces: [FlashData])]) throws(FlashError) {
        let named = files.enumerated().flatMap { index, file in
            file.pieces.map { (file: index, name: file.name, data: $0) }
        }
        .filter { !$0.data.bytes.isEmpty }
        .sorted { $0.data.offset < $1.data.offset }
        for (one, other) in zip(named, named.dropFirst()) {
            let end = one.data.offset.bytes + one.data.bytes.count
            let isSameSector =
                (end - 1) / FlashGeometry.sectorBytes >= other.data.offset.bytes / FlashGeometry.sectorBytes
            guard other.data.offset.bytes >= end, one.file == other.file || !isSameSector else {
                throw .overlap(one.name, other.name)
            }
        }
        pieces = named.map(\.data)
        if let last = pieces.last, last.offset.bytes + last.bytes.count > FlashOffset.limit {
            throw .usage("\(named.last?.name ?? "a file") ends beyond 16 MB, the most that a flash has")
        }
    }

    /// The end of the last file (bytes).
    var end: Int { pieces.last.map { $0.offset.bytes + $0.bytes.count } ?? 0 }

    /// - Parameter fill: Up to where a raw image is filled with FF; 0 for no further than the last file.
    func encoded(_ format: Format, fill: Int = 0) -> [UInt8] {
        switch format {
        case .raw: raw(fill: fill)
        case .uf2: UF2.encode(pieces)
        case .hex: Array(IntelHEX.encode(pieces).utf8)
        }
    }

    private func raw(fill: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for piece in pieces {
            bytes += [UInt8](repeating: Self.erased, count: piece.offset.bytes - bytes.count) + piece.bytes
        }
        return bytes + [UInt8](repeating: Self.erased, count: max(0, fill - bytes.count))
    }
}
