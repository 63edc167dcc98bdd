import ESPLoader

/// Several files as one.
struct MergedImage {
    enum Format: String, CaseIterable {
        case raw
        case uf2
        case hex

        var name: String {
            switch self {
            case .raw: "raw"
            case .uf2: "UF2"
            case .hex: "Intel HEX"
            }
        }
    }

    /// Sorted by place, apart from each other.
    private var pieces: [FlashData]

    private static let erased: UInt8 = 0xFF

    /// - Throws: ``FlashError/samePlace(_:_:)``, ``FlashError/doesNotFit(what:end:flash:)`` beyond 16 MB. Two files may share a
    ///   sector: as one they are written together.
    init(_ files: [(name: String, pieces: [FlashData])]) throws(FlashError) {
        let named = files.flatMap { file in
            file.pieces.map { (name: file.name, data: $0) }
        }
        .filter { !$0.data.bytes.isEmpty }
        .sorted { $0.data.offset < $1.data.offset }
        for (one, other) in zip(named, named.dropFirst()) {
            guard other.data.offset.bytes >= one.data.offset.bytes + one.data.bytes.count else {
                throw .samePlace(one.name, other.name)
            }
        }
        pieces = named.map(\.data)
        if let last = named.last, end > FlashOffset.limit {
            throw .doesNotFit(what: last.name, end: end, flash: FlashOffset.limit)
        }
    }

    /// The start of the first file (bytes).
    var start: Int { pieces.first?.offset.bytes ?? 0 }

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
