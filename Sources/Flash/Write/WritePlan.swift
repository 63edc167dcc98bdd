import ESPLoader

/// What is to be written, checked before the first byte goes out.
struct WritePlan: Sendable, Equatable {
    /// One range, at the start of a sector.
    struct Piece: Sendable, Equatable {
        /// The file that it comes from.
        var name: String
        var data: FlashData

        var sectors: Range<Int> {
            let first = data.offset.bytes / FlashGeometry.sectorBytes
            let end = data.offset.bytes + data.bytes.count
            return first..<(end + FlashGeometry.sectorBytes - 1) / FlashGeometry.sectorBytes
        }
    }

    /// What becomes of the flash size in the header of an image at 0.
    enum SizeChoice: Sendable, Equatable {
        case keep
        /// The device's size.
        case detect
        case value(FlashSize)
    }

    struct Header: Sendable, Equatable {
        var mode: FlashMode?
        var frequency: FlashFrequency?
        var size = SizeChoice.detect

        /// The size that a user has named.
        var namedSize: FlashSize? {
            if case .value(let size) = size { return size }
            return nil
        }
    }

    var pieces: [Piece]
    /// What the user should know.
    var notes: [String] = []

    /// The number of bytes that are written.
    var bytes: Int { pieces.reduce(0) { $0 + $1.data.bytes.count } }

    /// Joins what shares sectors within one file, and checks that two files do not.
    ///
    /// - Throws: ``FlashError/usage(_:)``, ``FlashError/samePlace(_:_:)``, ``FlashError/overlap(_:_:)``.
    init(_ files: [(name: String, pieces: [FlashData])]) throws(FlashError) {
        pieces = []
        try Self.checkPlaces(files)
        for file in files {
            for data in file.pieces.sorted(by: { $0.offset < $1.offset }) {
                try add(Piece(name: file.name, data: data))
            }
        }
        pieces.sort { $0.data.offset < $1.data.offset }
        for (one, other) in zip(pieces, pieces.dropFirst()) where one.sectors.overlaps(other.sectors) {
            throw .overlap(one.name, other.name)
        }
    }

    private static func checkPlaces(_ files: [(name: String, pieces: [FlashData])]) throws(FlashError) {
        let places = files.flatMap { file in
            file.pieces.map { (name: file.name, start: $0.offset.bytes, end: $0.offset.bytes + $0.bytes.count) }
        }.sorted { $0.start < $1.start }
        for (one, other) in zip(places, places.dropFirst()) where one.end > other.start {
            throw .samePlace(one.name, other.name)
        }
    }

    /// A piece of the same file that begins in the last one's sector, or right behind it, is joined to it.
    private mutating func add(_ piece: Piece) throws(FlashError) {
        var piece = piece
        let lead = piece.data.offset.bytes % FlashGeometry.sectorBytes
        if let last = pieces.indices.last, pieces[last].name == piece.name,
            case let end = pieces[last].data.offset.bytes + pieces[last].data.bytes.count,
            piece.data.offset.bytes >= end, piece.sectors.lowerBound <= pieces[last].sectors.upperBound
        {
            // In place: what is joined may be many small pieces.
            pieces[last].data.bytes += [UInt8](repeating: 0xFF, count: piece.data.offset.bytes - end)
            pieces[last].data.bytes += piece.data.bytes
            return
        }
        if lead != 0 {
            guard let start = piece.data.offset.advanced(by: -lead) else { return }
            piece.data = FlashData(offset: start, bytes: [UInt8](repeating: 0xFF, count: lead) + piece.data.bytes)
            notes.append("\(piece.name) begins inside a sector: what was in the sector before it is lost")
        }
        pieces.append(piece)
    }

    /// Checks against the device's flash, and changes the header of the image at 0 as it is wanted.
    ///
    /// - Parameters:
    ///   - flashSize: Of the device (bytes).
    ///   - isForced: Whether an image that looks wrong is written all the same.
    /// - Throws: ``FlashError/doesNotFit(what:end:flash:)``, ``FlashError/wrongImage(what:reason:)``,
    ///   ``FlashError/largerThanFlash(what:header:flash:)``.
    func fitted(flashSize: Int, header: Header, isForced: Bool) throws(FlashError) -> WritePlan {
        var plan = self
        for (index, piece) in pieces.enumerated() {
            let end = piece.data.offset.bytes + piece.data.bytes.count
            // Behind its end a flash begins anew: what does not fit would be written to its start.
            guard end <= flashSize else { throw .doesNotFit(what: piece.name, end: end, flash: flashSize) }
            if !isForced { try Self.checkImage(piece) }
            guard piece.data.offset.bytes == 0 else { continue }
            if !isForced { try Self.checkSize(piece, header, flashSize: flashSize) }
            plan.noteArduino(piece)
            plan.patch(index, header, flashSize: flashSize)
        }
        return plan
    }
}
