import ESPLoader

extension ROMBackEnd {
    func write(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) {
        let start = data.offset.bytes
        let end = start + data.bytes.count
        var place = data.offset
        var reached = start
        var failures = 0
        do throws(FlashError) {
            while true {
                let done = place.bytes - start
                let goesOn = try writeOnce(Array(data.bytes[done...]), at: place, isFirst: done == 0 && failures == 0) {
                    reached = start + done + $0
                    progress(done + $0)
                }
                guard let goesOn else { return }
                failures = goesOn == place ? failures + 1 : 0
                place = goesOn
                guard failures < Self.mostFailures else {
                    throw FlashError.unanswered(port: link.port.name, what: "take the data")
                }
                try meetAgain()
            }
        } catch {
            let whole = reached / FlashGeometry.sectorBytes * FlashGeometry.sectorBytes
            throw Self.partly(error, port: link.port.name, from: max(start, whole), end: end)
        }
    }

    /// After a failure: the loader may be out of step, or the chip may have restarted.
    private func meetAgain() throws(FlashError) {
        do throws(FlashError) {
            _ = try link.connect(resets: [], attempts: 2)
        } catch .noAnswer where !resets.isEmpty {
            _ = try link.connect(resets: resets, attempts: Self.mostFailures)
        }
        try attachFlash()
    }

    /// Writes as far as it goes.
    ///
    /// - Parameter isFirst: Whether nothing of the range is erased yet; else all behind the first sector is.
    /// - Returns: Where to go on; nil when all is written.
    private func writeOnce(
        _ bytes: [UInt8], at place: FlashOffset, isFirst: Bool, progress: (Int) -> Void
    ) throws(FlashError) -> FlashOffset? {
        let first = place.bytes / FlashGeometry.sectorBytes
        let count = (bytes.count + FlashGeometry.sectorBytes - 1) / FlashGeometry.sectorBytes
        let split = EraseSplit(sectors: first..<first + (isFirst ? count : 1))
        if let single = split.single { try erase(sectors: single..<single + 1) { _ in } }
        var sequence = WriteSequence(
            offset: place, data: bytes, eraseSize: split.eraseSize, blockLimit: blockLimit)
        let outcome = try link.run(&sequence, onProgress: progress)
        registers = [:]
        switch outcome {
        case .written: return nil
        case .failed(.eraseRefused(let refusal)):
            throw .refused(port: link.port.name, what: "erase \(Hex.text(UInt32(place.bytes)))", refusal)
        case .failed(.blockRefused(let offset, .flashWrite)):
            throw .refused(port: link.port.name, what: "write \(Hex.text(UInt32(offset)))", .flashWrite)
        case .failed: return sequence.resumeOffset
        }
    }

    /// A block's way over the wire, twice, and a second for the flash.
    var blockLimit: Duration {
        .seconds(1) + .microseconds(2 * 1100 * 10 * 1_000_000 / max(1, link.baud))
    }

    private static func partly(_ error: FlashError, port: String, from: Int, end: Int) -> FlashError {
        if case .interrupted = error { return .interrupted(port: port, state: FlashError.state(from, end)) }
        var why = "\(error)"
        if why.hasPrefix("\(port): ") { why.removeFirst(port.count + 2) }
        return .partlyWritten(port: port, from: from, end: end, why: why)
    }
}
