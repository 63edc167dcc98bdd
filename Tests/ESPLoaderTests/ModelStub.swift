@testable import ESPLoader

/// Our stub as chapter 9 of the specification tells it, as far as jobs and reads go: frames in, frames out.
///
/// It unpacks nothing: what a job has brought is its stream, and every byte of that counts as programmed at once.
struct ModelStub {
    /// What is read from it.
    let flash: [UInt8]
    /// How long a job's stream is.
    let expected: Int
    /// A job's stream as far as it is there without a gap.
    private(set) var stream: [UInt8] = []
    /// How many packets came that were there already, or beyond the slots.
    private(set) var needless = 0

    private var decoder = SLIPDecoder()
    private var job: UInt16?
    /// The first packet that is missing.
    private var next = 0
    private var behind: [Int: [UInt8]] = [:]

    init(flash: [UInt8] = [], expecting bytes: Int = 0) {
        self.flash = flash
        expected = bytes
    }

    /// - Returns: Its answers, each as it stands on the wire.
    mutating func take(_ bytes: [UInt8]) -> [[UInt8]] {
        decoder.decode(bytes).compactMap { event in
            guard case .frame(let content) = event, let request = try? LoaderRequest(content: content) else {
                return nil
            }
            return answer(request)
        }
    }

    private mutating func answer(_ request: LoaderRequest) -> [UInt8]? {
        guard request.checksum == CRC32.of(request.content.prefix(4) + request.payload) else {
            // In a job anything that is no packet is answered with what is there.
            return job == nil ? Self.frame(request.opcode, [], status: [1, 0xC1], after: request.checksum) : progress()
        }
        let words = stride(from: 0, to: request.payload.count / 4 * 4, by: 4).compactMap {
            request.payload.word(at: $0)
        }
        switch Opcode(rawValue: request.opcode) {
        case .stubWrite where words.count > 1:
            if job != UInt16(words[0]) { (job, next, behind, stream) = (UInt16(words[0]), 0, [:], []) }
            return progress()
        case .stubPacket where !words.isEmpty && UInt16(words[0] >> 16) == job:
            // One without bytes is a question.
            if request.payload.count > 4 { keep(Int(words[0] & 0xFFFF), Array(request.payload.dropFirst(4))) }
            return progress()
        case .stubRead where words.count == 2:
            let (start, count) = (Int(words[0]), Int(words[1]))
            return Self.frame(
                request.opcode, Array(littleEndian: words[0]) + flash[start..<start + count], after: request.checksum)
        default:
            return nil
        }
    }

    private mutating func keep(_ number: Int, _ data: [UInt8]) {
        let place = next + (number - next) & 0xFFFF
        guard place < next + StubProgram.slots, behind[place] == nil, stream.count < expected else {
            needless += 1
            return
        }
        behind[place] = data
        while let data = behind.removeValue(forKey: next) {
            stream += data
            next += 1
        }
    }

    /// What it says of its job.
    private func progress() -> [UInt8] {
        let have = behind.keys.reduce(UInt32(0)) { $0 | 1 << UInt32($1 - next) }
        return Self.progress(
            job: job ?? 0, next: next, have: have, programmed: stream.count, isDone: stream.count == expected)
    }

    static func progress(
        job: UInt16, next: Int, have: UInt32 = 0, programmed: Int = 0, isDone: Bool = false
    ) -> [UInt8] {
        let first = UInt32(job) << 16 | UInt32(next & 0xFFFF)
        return frame(
            Opcode.stubPacket.rawValue,
            Array(littleEndian: first, have, UInt32(truncatingIfNeeded: programmed), 0, isDone ? 2 : 1, 0, 0))
    }

    private static func frame(
        _ opcode: UInt8, _ data: [UInt8], status: [UInt8] = [0, 0], after request: UInt32 = 0
    ) -> [UInt8] {
        var response = LoaderResponse(opcode: opcode, body: data + status)
        response.value = CRC32.of(response.content.prefix(4) + response.body, after: request)
        return SLIP.encode(response.content)
    }
}
