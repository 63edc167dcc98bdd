import ESPLoader

extension ROMBackEnd {
    func read(_ offset: Int, count: Int, progress: (Int) -> Void) throws(FlashError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            bytes += try readTwice(offset + bytes.count, min(SPICommand.mostBytes, count - bytes.count))
            progress(bytes.count)
        }
        return bytes
    }

    /// The wire carries no checksum for registers, so a piece counts only when it is read twice the same.
    private func readTwice(_ offset: Int, _ count: Int) throws(FlashError) -> [UInt8] {
        var last: [UInt8]?
        for _ in 0..<LoaderLink.tries {
            registers = [:]
            let found = try flash(.read(UInt32(offset), count))
            if found == last { return found }
            last = found
        }
        throw .unanswered(port: link.port.name, what: "read \(Hex.text(UInt32(offset))) twice the same")
    }

    func firstDifference(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int? {
        var done = 0
        while done < data.bytes.count {
            let count = min(SPICommand.mostBytes, data.bytes.count - done)
            let expected = Array(data.bytes[done..<done + count])
            if let difference = try difference(expected, at: data.offset.bytes + done) { return difference }
            done += count
            progress(done)
        }
        return nil
    }

    /// The wire carries no checksum for registers, so a difference counts only when it is read twice the same.
    private func difference(_ expected: [UInt8], at offset: Int) throws(FlashError) -> Int? {
        var last: [UInt8]?
        for _ in 0..<LoaderLink.tries {
            let found = try flash(.read(UInt32(offset), expected.count))
            if found == expected { return nil }
            if found == last { break }
            last = found
            registers = [:]
        }
        return offset + (zip(last ?? [], expected).enumerated().first { $1.0 != $1.1 }?.offset ?? 0)
    }
}
