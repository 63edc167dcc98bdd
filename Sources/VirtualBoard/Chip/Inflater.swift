import CZlib

/// Inflates a zlib stream that comes in pieces.
final class Inflater: @unchecked Sendable {
    private var stream = z_stream()
    private let isReady: Bool

    init() {
        isReady = inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        if isReady { inflateEnd(&stream) }
    }

    /// What `piece` inflates to; nil where it is no such stream or gives more than `limit` bytes.
    func inflate(_ piece: [UInt8], atMost limit: Int) -> [UInt8]? {
        guard isReady else { return nil }
        var input = piece
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 0x4000)
        return input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            repeat {
                let (result, count) = buffer.withUnsafeMutableBufferPointer { buffer in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    let result = CZlib.inflate(&stream, Z_NO_FLUSH)
                    return (result, buffer.count - Int(stream.avail_out))
                }
                guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else { return nil }
                output += buffer[..<count]
                guard output.count <= limit else { return nil }
                if result == Z_STREAM_END { break }
            } while stream.avail_out == 0
            return output
        }
    }
}
