import ESPLoader

extension StubBackEnd {
    /// Asks for the digests of all sectors, and erases and writes those that differ; after a failure again.
    func write(_ data: FlashData, isFull: Bool, progress: (Int) -> Void) throws(FlashError) -> Int {
        let (first, wanted) = (data.firstSector, data.sectors)
        let end = data.offset.bytes + data.bytes.count
        // Most often all of them have changed, or hardly any; packing takes its time either way.
        let ahead = PackedSectors(wanted.indices.filter { wanted[$0].contains { $0 != 0xFF } }, of: wanted)
        var (failures, reached, isKnown) = (0, 0, !isFull)
        var right: Int?
        var mirror: Mirror?
        while true {
            do throws(FlashError) {
                let found: [SectorDigest?] =
                    isKnown ? try digests(first..<first + wanted.count) : wanted.map { _ in nil }
                let runs = StubRun.runs(first: first, wanted: wanted, found: found)
                let wrong = runs.reduce(into: Set<Int>()) { $0.formUnion($1.sectors) }
                proven.formUnion((first..<first + wanted.count).filter { !wrong.contains($0) })
                proven.subtract(wrong)
                right = right ?? wanted.count - wrong.count
                if !runs.isEmpty {
                    try checkProtection()
                    state.begin(upTo: end)
                }
                // As they were before anything was written.
                if mirror == nil { mirror = try self.mirror(of: runs.first?.sectors.lowerBound) }
                let isDone = try write(runs, wanted, first: first, ahead) { place in
                    let done = max(reached, min(end, place) - data.offset.bytes)
                    if done > reached { failures = 0 }
                    reached = done
                    // The last sector is only right once all are; the digests tell.
                    if place < end { state.reach(place) }
                    progress(done)
                }
                if isDone {
                    guard let mirror else { break }
                    try compare(mirror) { sector in
                        wanted.indices.contains(sector - first) ? SectorDigest(of: wanted[sector - first]) : nil
                    }
                    break
                }
                try slowDown()
            } catch  where error.mayPass && error.isOfLine {
                failures += 1
                guard failures < Self.mostFailures else { throw error }
                // Once may be a loss of power; twice without any progress is the line.
                if failures > 1, canSlowDown { try slowDown() } else { try meetAgain() }
            }
            // What was written before the failure need not be written again.
            isKnown = true
        }
        state.begin(upTo: end)
        state.reach(end)
        progress(data.bytes.count)
        return right ?? 0
    }

    /// Half of the flash away: where a sector comes to, too, if the flash is smaller than its id says, whatever its size.
    private typealias Mirror = (sector: Int, digest: SectorDigest)

    /// What is there now; nil where that tells nothing.
    private func mirror(of sector: Int?) throws(FlashError) -> Mirror? {
        guard let sector, let all = flashBytes.map({ $0 / FlashGeometry.sectorBytes }), sector < all else { return nil }
        let mirror = sector ^ (all / 2)
        return (mirror, try digests(mirror..<mirror + 1)[0])
    }

    /// - Parameter wanted: What was written to a sector; nil where nothing was.
    /// - Throws: ``FlashError/smallerFlash(port:bytes:)`` where the mirror holds something else.
    private func compare(_ mirror: Mirror, _ wanted: (Int) -> SectorDigest?) throws(FlashError) {
        let (sector, before) = mirror
        guard try digests(sector..<sector + 1)[0] == wanted(sector) ?? before else {
            throw .smallerFlash(port: link.port.name, bytes: flashBytes ?? 0)
        }
    }

    /// As many jobs of the stub as it takes.
    ///
    /// - Returns: False where the line loses too much at its speed.
    private func write(
        _ runs: [StubRun], _ wanted: [[UInt8]], first: Int, _ ahead: PackedSectors, reached: (Int) -> Void
    ) throws(FlashError) -> Bool {
        for start in stride(from: 0, to: runs.count, by: StubProgram.mostRuns) {
            let part = Array(runs[start..<min(runs.count, start + StubProgram.mostRuns)])
            let written = part.filter(\.isWritten).flatMap { $0.sectors.map { $0 - first } }
            let packed = written == ahead.indices ? ahead : PackedSectors(written, of: wanted)
            guard try job(part, packed, first: first, reached: reached) else { return false }
        }
        return true
    }

    /// One job of the stub.
    ///
    /// - Parameter packed: The sectors that `runs` write.
    private func job(
        _ runs: [StubRun], _ packed: PackedSectors, first: Int, reached: (Int) -> Void
    ) throws(FlashError) -> Bool {
        let written = packed.indices.map { first + $0 }
        let (stream, digest) = packed.wait()
        jobs &+= 1
        var sequence = StubWriteSequence(
            job: jobs, runs: runs, stream: stream, window: Self.window(baud: link.baud),
            mostRepeats: canSlowDown ? max(Self.fewRepeats, stream.count / StubProgram.slotBytes / 10) : nil,
            baud: link.baud)
        /// Where the bytes of the stream go.
        func place(_ bytes: Int) -> Int {
            let index = bytes / FlashGeometry.sectorBytes
            return index < written.count ? written[index] * FlashGeometry.sectorBytes : .max
        }
        let outcome: StubWriteSequence.Outcome
        do throws(FlashError) {
            outcome = try link.run(&sequence) { bytes in reached(written.isEmpty ? bytes : place(bytes)) }
        } catch {
            // The stub would go on with what it has, though nobody waits for it any more.
            if case .interrupted = error { link.tell(.stubHello) }
            throw error
        }
        switch outcome {
        case .done where sequence.digest == digest:
            proven.formUnion(written)
            return true
        // What it has unpacked is something else than what was packed, in spite of all sums.
        case .done: throw .refused(port: link.port.name, what: "take the data", .inflateFailed)
        case .lossy: return false
        case .failed(.flashWrite):
            try checkProtection()
            let place = place(sequence.programmed)
            throw .refused(port: link.port.name, what: "write \(Hex.text(UInt32(min(place, 0xFFFFFF))))", .flashWrite)
        case .failed(let refusal): throw .refused(port: link.port.name, what: "take the data", refusal)
        case .unanswered: throw .unanswered(port: link.port.name, what: "take the data")
        }
    }

    /// So many packets are lost on a good line, too.
    private static let fewRepeats = 4

    /// What the longest erase of a block brings while nothing can be written, in packets.
    private static func window(baud: Int) -> Int { max(8, baud / 10 * 4 / 10 / StubProgram.slotBytes) }

    func digests(_ sectors: Range<Int>) throws(FlashError) -> [SectorDigest] {
        var found: [SectorDigest] = []
        let most = 256
        while found.count < sectors.count {
            let (first, count) = (sectors.lowerBound + found.count, min(most, sectors.count - found.count))
            let limit =
                LoaderLink.shortLimit + .milliseconds(10 * count) + .microseconds(count * 200_000_000 / link.baud)
            let response = try link.ask(
                .stubSectorDigests(first: UInt32(first), count: UInt32(count)), to: "tell digests", within: limit)
            guard response.data.count == 8 * count else {
                throw .unanswered(port: link.port.name, what: "tell digests")
            }
            found += SectorDigest.list(Hex.words(response.data))
        }
        return found
    }

    /// - Throws: ``FlashError/differs(port:offset:bytes:)`` where a sector is not blank.
    func checkErased(_ sectors: Range<Int>) throws(FlashError) {
        let found = try persistently { () throws(FlashError) in try digests(sectors) }
        guard let bad = found.firstIndex(where: { $0 != .blank }) else { return }
        let place = (sectors.lowerBound + bad) * FlashGeometry.sectorBytes
        throw .differs(port: link.port.name, offset: place, bytes: sectors.count * FlashGeometry.sectorBytes)
    }

    func erase(sectors: Range<Int>, progress: (Int) -> Void) throws(FlashError) {
        let start = sectors.lowerBound * FlashGeometry.sectorBytes
        try checkProtection()
        proven.subtract(sectors)
        state.begin(upTo: sectors.upperBound * FlashGeometry.sectorBytes)
        try persistently { () throws(FlashError) in
            let run = StubRun(sectors: sectors, isErased: true, isWritten: false)
            _ = try job([run], PackedSectors([], of: []), first: sectors.lowerBound) { place in
                guard place > start else { return }
                // The sector or block before may still be under way.
                progress(min(place - start, sectors.count * FlashGeometry.sectorBytes))
            }
        }
        try checkErased(sectors)
        state.reach(sectors.upperBound * FlashGeometry.sectorBytes)
        progress(sectors.count * FlashGeometry.sectorBytes)
    }
}

extension FlashError {
    /// Whether the line or a restart is to blame, and not the flash.
    var isOfLine: Bool {
        switch self {
        case .refused(_, _, .flashWrite), .refused(_, _, .badBlockSize): false
        default: true
        }
    }
}
