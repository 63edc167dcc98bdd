import ESPLoader

extension ROMBackEnd {
    func write(_ data: FlashData, isFull: Bool, progress: (Int) -> Void) throws(FlashError) -> Int {
        let start = data.offset.bytes
        var place = data.offset
        var isErased = false
        var failures = 0
        while true {
            let done = place.bytes - start
            let goesOn = try writeOnce(Array(data.bytes[done...]), at: place, isErased: &isErased) {
                state.reach(place.bytes + $0)
                progress(done + $0)
            }
            guard let goesOn else { return 0 }
            failures = goesOn == place ? failures + 1 : 0
            place = goesOn
            guard failures < Self.mostFailures else {
                throw .unanswered(port: link.port.name, what: "take the data")
            }
            let how = try meetAgain() ? "it was restarted into its loader" : "its loader was met again"
            onTrouble(
                "the board did not answer in mid-write: \(how), and writing goes on at \(place); if it happens often, look at "
                    + "its power and its cable")
        }
    }

    /// Writes as far as it goes.
    ///
    /// - Parameter isErased: Whether all of the range but its first sector is known to be erased.
    /// - Returns: Where to go on; nil when all is written.
    private func writeOnce(
        _ bytes: [UInt8], at place: FlashOffset, isErased: inout Bool, progress: (Int) -> Void
    ) throws(FlashError) -> FlashOffset? {
        let first = place.bytes / FlashGeometry.sectorBytes
        let count = (bytes.count + FlashGeometry.sectorBytes - 1) / FlashGeometry.sectorBytes
        let split = EraseSplit(sectors: first..<first + (isErased ? 1 : count))
        if let single = split.single {
            try eraseUnits(of: single..<single + 1) { _ in }
        }
        try giveControllerBack()
        state.begin(upTo: place.bytes + bytes.count)
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
        case .failed(.eraseNotAnswered): return place
        case .failed:
            isErased = true
            return sequence.resumeOffset
        }
    }

    /// A block's way over the wire, twice, and a second for the flash.
    var blockLimit: Duration {
        .seconds(1) + .microseconds(2 * 1100 * 10 * 1_000_000 / max(1, link.baud))
    }
}
