import ESPLoader

extension StubBackEnd {
    func read(_ offset: Int, count: Int, progress: (Int) -> Void) throws(FlashError) -> [UInt8] {
        try persistently { () throws(FlashError) in
            var sequence = StubReadSequence(offset: offset, count: count, baud: link.baud)
            switch try link.run(&sequence, onProgress: progress) {
            case .read(let bytes): return bytes
            case .unanswered: throw .unanswered(port: link.port.name, what: "read \(Hex.text(UInt32(offset)))")
            }
        }
    }

    /// An MD5 of all tells that nothing differs; where something does, reading tells what.
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
        let found = try read(offset, count: count, progress: progress)
        return zip(found, data.bytes).enumerated().first { $1.0 != $1.1 }.map { offset + $0.offset }
    }
}
