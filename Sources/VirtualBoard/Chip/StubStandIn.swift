import Crypto
import ESPLoader
import Foundation

/// Answers in the place of a stub loader that a host has put into memory and that nothing executes.
///
/// It knows the commands of Espressif's stubs, whatever stub was loaded. Source: Espressif's serial protocol.
struct StubStandIn: Sendable {
    /// What a stub says when it starts: the frame `OHAI`.
    static let greeting = Array("OHAI".utf8)

    private struct Write {
        var offset: Int
        /// What is still to come, uncompressed (bytes).
        var left: Int
        var inflater: Inflater?
    }

    private struct Read {
        var contents: [UInt8]
        var sent = 0
        var acknowledged = 0
        var packet: Int
        var inFlight: Int
    }

    private var write: Write?
    private var read: Read?

    /// Whether what comes next acknowledges packets of a read.
    var isReading: Bool { read != nil }

    mutating func answer(_ request: LoaderRequest, _ registers: inout RegisterMap, _ flash: inout SPIFlash)
        -> LoaderAnswer
    {
        let words = request.payload.words
        guard let opcode = Opcode(rawValue: request.opcode) else { return .refused(request.opcode, .unknownCommand) }
        switch opcode {
        case .sync:
            let answer = LoaderResponse(opcode: request.opcode, value: 0, body: [0, 0]).content
            return LoaderAnswer(frames: Array(repeating: answer, count: ROMLoader.answersToSync))
        case .memoryBegin, .memoryData, .attachSPI, .setSPIParameters:
            return .done(request.opcode)
        case .memoryEnd:
            var answer = LoaderAnswer.done(request.opcode)
            if words.count == 2, words[0] == 0 { answer.next = .execute(entry: words[1]) }
            return answer
        case .readRegister where words.count == 1:
            return .done(request.opcode, value: registers.read(words[0] & ~3))
        case .writeRegister where words.count >= 4 && words.count.isMultiple(of: 4):
            var answer = LoaderAnswer.done(request.opcode)
            for start in stride(from: 0, to: words.count, by: 4) {
                answer.busy += .microseconds(Int(words[start + 3]))
                answer.flashBusy += registers.write(
                    words[start] & ~3, words[start + 1], mask: words[start + 2], flash: &flash)
            }
            return answer
        case .changeBaud where words.count == 2:
            var answer = LoaderAnswer.done(request.opcode)
            answer.next = .baud(Int(words[0]))
            return answer
        case .flashBegin, .flashCompressedBegin:
            return begin(request, words, &flash, isCompressed: opcode != .flashBegin)
        case .flashData, .flashCompressedData: return take(request, words, &flash)
        case .flashEnd, .flashCompressedEnd:
            write = nil
            var answer = LoaderAnswer.done(request.opcode)
            if words.first == 0 { answer.next = .restart }
            return answer
        case .flashMD5 where words.count == 4:
            guard let range = place(words[0], words[1], flash) else { return .refused(request.opcode, .badBlockSize) }
            return .done(
                request.opcode, data: Array(Insecure.MD5.hash(data: flash.read(range.lowerBound, range.count))))
        case .eraseFlash:
            return .done(request.opcode, busy: flash.eraseAll())
        case .eraseRegion where words.count == 2:
            guard let range = place(words[0], words[1], flash),
                range.lowerBound.isMultiple(of: SPIFlash.sectorBytes),
                range.count.isMultiple(of: SPIFlash.sectorBytes)
            else { return .refused(request.opcode, .badBlockSize) }
            let sectors = range.lowerBound / SPIFlash.sectorBytes..<range.upperBound / SPIFlash.sectorBytes
            return .done(request.opcode, busy: flash.erase(sectors: sectors))
        case .readFlash where words.count == 4: return beginRead(request, words, flash)
        case .runUserCode:
            return LoaderAnswer(next: .restart)
        default:
            return .refused(request.opcode, .badLength)
        }
    }

    /// The host has so many bytes of a read: sends what the window allows, and at the end the digest.
    mutating func acknowledge(_ content: [UInt8]) -> LoaderAnswer {
        guard var read, let count = content.words.first else { return LoaderAnswer() }
        read.acknowledged = max(read.acknowledged, min(Int(count), read.contents.count))
        self.read = read
        return LoaderAnswer(frames: packets())
    }

    private func place(_ offset: UInt32, _ size: UInt32, _ flash: SPIFlash) -> Range<Int>? {
        let end = Int(offset) + Int(size)
        return end <= flash.chip.bytes ? Int(offset)..<end : nil
    }

    private mutating func begin(
        _ request: LoaderRequest, _ words: [UInt32], _ flash: inout SPIFlash, isCompressed: Bool
    ) -> LoaderAnswer {
        guard words.count >= 4, let range = place(words[3], words[0], flash) else {
            return .refused(request.opcode, .badBlockSize)
        }
        let blocks = Int(words[1]).multipliedReportingOverflow(by: Int(words[2]))
        guard !blocks.overflow, blocks.partialValue <= flash.chip.bytes + 0x4000 else {
            return .refused(request.opcode, .badBlockSize)
        }
        write = Write(
            offset: range.lowerBound, left: isCompressed ? range.count : blocks.partialValue,
            inflater: isCompressed ? Inflater() : nil)
        let sector = SPIFlash.sectorBytes
        let sectors = range.lowerBound / sector..<(range.upperBound + sector - 1) / sector
        return .done(request.opcode, busy: range.isEmpty ? .zero : flash.erase(sectors: sectors))
    }

    private mutating func take(_ request: LoaderRequest, _ words: [UInt32], _ flash: inout SPIFlash) -> LoaderAnswer {
        guard var write else { return .refused(request.opcode, .notInFlashMode) }
        guard words.count >= 4, request.payload.count - 16 == Int(words[0]) else {
            return .refused(request.opcode, .badLength)
        }
        var data = Array(request.payload.dropFirst(16))
        guard UInt32(LoaderRequest.checksum(of: data)) == request.checksum else {
            return .refused(request.opcode, .badStubChecksum)
        }
        if let inflater = write.inflater {
            guard let inflated = inflater.inflate(data, atMost: write.left) else {
                return .refused(request.opcode, .inflateFailed)
            }
            data = inflated
        }
        guard data.count <= write.left else { return .refused(request.opcode, .tooMuchData) }
        let busy = flash.program(write.offset, data)
        write.offset += data.count
        write.left -= data.count
        self.write = write
        return .done(request.opcode, busy: busy)
    }

    private mutating func beginRead(_ request: LoaderRequest, _ words: [UInt32], _ flash: SPIFlash) -> LoaderAnswer {
        guard let range = place(words[0], words[1], flash), words[2] > 0, words[2] <= 0x4000, words[3] > 0 else {
            return .refused(request.opcode, .badBlockSize)
        }
        read = Read(
            contents: flash.read(range.lowerBound, range.count), packet: Int(words[2]), inFlight: Int(words[3]))
        var answer = LoaderAnswer.done(request.opcode)
        answer.frames += packets()
        return answer
    }

    private mutating func packets() -> [[UInt8]] {
        guard var read else { return [] }
        var frames: [[UInt8]] = []
        while read.sent < read.contents.count, read.sent - read.acknowledged < read.inFlight * read.packet {
            let end = min(read.contents.count, read.sent + read.packet)
            frames.append(Array(read.contents[read.sent..<end]))
            read.sent = end
        }
        if read.acknowledged == read.contents.count {
            frames.append(Array(Insecure.MD5.hash(data: read.contents)))
            self.read = nil
        } else {
            self.read = read
        }
        return frames
    }
}
