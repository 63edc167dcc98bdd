import ESPLoader

extension StubBackEnd {
    func read(_ offset: Int, count: Int, progress: (Int) -> Void) throws(FlashError) -> [UInt8] {
        var found: [UInt8] = []
        var told = 0
        // After a failure it goes on where it was.
        while found.count < count {
            found += try persistently { () throws(FlashError) in
                let (place, before) = (offset + found.count, found.count)
                var sequence = StubReadSequence(
                    offset: place, count: min(Self.readPiece, count - before), baud: link.baud)
                switch try link.run(
                    &sequence,
                    onProgress: { done in
                        told = max(told, before + done)
                        progress(told)
                    })
                {
                case .read(let bytes): return bytes
                case .unanswered: throw .unanswered(port: link.port.name, what: "read \(Hex.text(UInt32(place)))")
                }
            }
        }
        return found
    }

    private static let readPiece = 0x10000

    /// An MD5 of all tells that nothing differs; where something does, the sectors' digests tell which to read.
    func firstDifference(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int? {
        let (offset, count) = (data.offset.bytes, data.bytes.count)
        let digest = try persistently { () throws(FlashError) in
            try link.ask(
                .stubDigest(offset: UInt32(offset), size: UInt32(count)), to: "tell a digest",
                within: .seconds(1) + .microseconds(5 * count))
        }
        guard digest.data != MD5.of(data.bytes) else {
            progress(count)
            return nil
        }
        let sector = FlashGeometry.sectorBytes
        let first = data.firstSector
        let found = try persistently { () throws(FlashError) in
            try digests(first..<first + (count + sector - 1) / sector)
        }
        // Of the last sector only the file's part counts.
        for (index, wanted) in data.sectors.enumerated() where found[index] != SectorDigest(of: wanted) {
            let place = index * sector
            let part = data.bytes[place..<min(count, place + sector)]
            let bytes = try read(offset + place, count: part.count) { _ in }
            if let difference = zip(bytes, part).enumerated().first(where: { $1.0 != $1.1 }) {
                return offset + place + difference.offset
            }
            progress(place + part.count)
        }
        // It was the question's answer that differed.
        progress(count)
        return nil
    }

    /// What the stub has compared while it wrote, or told digests of, is not looked at again.
    func firstDifferenceWritten(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int? {
        let (first, wanted) = (data.firstSector, data.sectors)
        var index = 0
        while index < wanted.count {
            let end = wanted.indices[index...].first { proven.contains(first + $0) } ?? wanted.count
            if end > index {
                let found = try persistently { () throws(FlashError) in try digests(first + index..<first + end) }
                guard found == wanted[index..<end].map({ SectorDigest(of: $0) }) else {
                    return try firstDifference(data, progress: progress)
                }
            }
            index = max(end, index + 1)
        }
        progress(data.bytes.count)
        return nil
    }
}
