import ESPLoader

extension ROMBackEnd {
    func read(_ offset: Int, count: Int, progress: (Int) -> Void) throws(FlashError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let (place, piece) = (offset + bytes.count, min(SPICommand.mostBytes, count - bytes.count))
            bytes += try persistently { () throws(FlashError) -> [UInt8] in
                try answer(.read(UInt32(place), piece), to: Hex.text(UInt32(place)))
            }
            progress(bytes.count)
        }
        return bytes
    }

    func firstDifference(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int? {
        var done = 0
        while done < data.bytes.count {
            let count = min(SPICommand.mostBytes, data.bytes.count - done)
            let expected = Array(data.bytes[done..<done + count])
            let place = data.offset.bytes + done
            let difference = try persistently { () throws(FlashError) -> Int? in
                try self.difference(expected, at: place)
            }
            if let difference { return difference }
            done += count
            progress(done)
        }
        return nil
    }

    /// What is as expected cannot be so by chance; a difference counts only when it is read twice the same.
    private func difference(_ expected: [UInt8], at offset: Int) throws(FlashError) -> Int? {
        let command = SPICommand.read(UInt32(offset), expected.count)
        guard try flash(command) != expected else { return nil }
        let found = try answer(command, to: Hex.text(UInt32(offset)))
        return zip(found, expected).enumerated().first { $1.0 != $1.1 }.map { offset + $0.offset }
    }
}
