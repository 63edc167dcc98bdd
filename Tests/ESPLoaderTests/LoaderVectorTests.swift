import ESPLoader
import TestSupport
import Testing

/// The golden bytes of the serial loader's chapter, of which most were captured from another tool.
@Suite struct LoaderVectorTests {
    private struct Frame: Decodable, Sendable {
        var name: String
        var content: HexBytes
        var bytes: HexBytes
    }

    private struct Request: Decodable, Sendable {
        var name: String
        var command: String
        var bytes: HexBytes
    }

    private struct Answer: Decodable, Sendable {
        var name: String
        var bytes: HexBytes
        var opcode: UInt8
        var value: UInt32
        var data: HexBytes
        var refusal: UInt8?
    }

    private struct Image: Decodable, Sendable {
        var name: String
        var bytes: HexBytes
        var version: Int
        var entry: UInt32
        /// Address and length.
        var segments: [[UInt32]]
        var checksum: UInt8
    }

    @Test("SL-001: frames as RFC 1055 has them, in both directions")
    func slip() throws {
        for vector in try VectorFile<Frame>.load("slip").vectors {
            #expect(SLIP.encode(vector.content.bytes) == vector.bytes.bytes, "\(vector.name)")
            var decoder = SLIPDecoder()
            let expected: [SLIPEvent] = vector.content.bytes.isEmpty ? [] : [.frame(vector.content.bytes)]
            #expect(decoder.decode(vector.bytes.bytes) == expected, "\(vector.name)")
        }
    }

    @Test("SL-002, SL-003: each command is, byte for byte, what another host sends")
    func requests() throws {
        let vectors = try VectorFile<Request>.load("loader-requests").vectors
        #expect(vectors.count == 11)
        for vector in vectors {
            let command = try #require(Self.command(vector.command), "\(vector.command)")
            #expect(SLIP.encode(command.request.content) == vector.bytes.bytes, "\(vector.name)")
            var decoder = SLIPDecoder()
            guard case .frame(let content)? = decoder.decode(vector.bytes.bytes).first else {
                Issue.record("\(vector.name) is no frame")
                continue
            }
            #expect(try LoaderRequest(content: content) == command.request, "\(vector.name)")
        }
    }

    /// A command out of its name and its numbers, as the vectors write it.
    private static func command(_ text: String) -> LoaderCommand? {
        let words = text.split(separator: " ").map(String.init)
        let numbers = words.dropFirst().map { word in
            word.hasPrefix("0x") ? UInt32(word.dropFirst(2), radix: 16) ?? 0 : UInt32(word) ?? 0
        }
        switch words[0] {
        case "sync": return .sync
        case "readRegister": return .readRegister(address: numbers[0])
        case "writeRegister":
            return .writeRegister(address: numbers[0], value: numbers[1], mask: numbers[2], delay: numbers[3])
        case "flashBegin":
            return .flashBegin(
                eraseSize: numbers[0], blocks: numbers[1], blockSize: numbers[2], offset: numbers[3])
        case "flashEnd": return .flashEnd(reboot: words[1] == "true")
        case "memoryBegin":
            return .memoryBegin(
                size: numbers[0], blocks: numbers[1], blockSize: numbers[2], address: numbers[3])
        case "memoryEnd": return .memoryEnd(entry: numbers[0])
        case "flashMD5": return .flashMD5(offset: numbers[0], size: numbers[1])
        case "eraseRegion": return .eraseRegion(offset: numbers[0], size: numbers[1])
        case "readFlash":
            return .readFlash(offset: numbers[0], size: numbers[1], packetSize: numbers[2], inFlight: numbers[3])
        default: return nil
        }
    }

    @Test("SL-004: answers are read as they come, wherever they are cut")
    func answers() throws {
        for vector in try VectorFile<Answer>.load("loader-answers").vectors {
            let bytes = vector.bytes.bytes
            for cut in 0...bytes.count {
                var decoder = SLIPDecoder()
                let events = decoder.decode(bytes[..<cut]) + decoder.decode(bytes[cut...])
                guard events.count == 1, case .frame(let content) = events[0] else {
                    Issue.record("\(vector.name), cut at \(cut): \(events)")
                    continue
                }
                let answer = try LoaderResponse(content: content)
                #expect(answer.opcode == vector.opcode)
                #expect(answer.value == vector.value)
                #expect(answer.data == vector.data.bytes)
                #expect(answer.refusal?.code == vector.refusal)
            }
        }
    }

    private struct EraseSize: Decodable, Sendable {
        var first: Int
        var sectors: Int
        var eraseSize: Int
    }

    @Test(
        "SL-006: FLASH_BEGIN carries what another host sends, and a sector that the ROM would erase too much is left over"
    )
    func eraseSizes() throws {
        let vectors = try VectorFile<EraseSize>.load("erase-sizes").vectors
        #expect(vectors.count == 88)
        for vector in vectors {
            #expect(
                FlashGeometry.correctedEraseSize(
                    offset: vector.first * FlashGeometry.sectorBytes,
                    size: vector.sectors * FlashGeometry.sectorBytes) == vector.eraseSize, "\(vector)")
            let split = EraseSplit(sectors: vector.first..<vector.first + vector.sectors)
            if split.single == nil { #expect(split.eraseSize == vector.eraseSize, "\(vector)") }
            // By the statement itself: what it is asked for, and what of it lies before the border once more.
            let asked = split.eraseSize / FlashGeometry.sectorBytes
            let erased = asked + min(asked, 16 - vector.first % 16)
            #expect(erased + (split.single == nil ? 0 : 1) == vector.sectors, "\(vector)")
        }
    }

    private struct ArduinoBuild: Decodable, Sendable {
        var boot: HexBytes
        var application: HexBytes
        var length: Int
        var crc: UInt32
    }

    @Test("SL-008: an Arduino build's fields are read, and made again byte for byte")
    func arduino() throws {
        let vector = try #require(try VectorFile<ArduinoBuild>.load("arduino").vectors.first)
        let gap = [UInt8](repeating: 0xAA, count: 0x1000 - vector.boot.bytes.count)
        let flash = vector.boot.bytes + gap + vector.application.bytes
        let layout = try #require(ArduinoLayout(flash))
        #expect([layout.storedLength, flash.count] == [vector.length, vector.length])
        #expect([layout.storedCRC, layout.computedCRC] == [vector.crc, vector.crc])
        #expect(layout.isChecksumRight)
        var application = try FirmwareImage.parse(vector.application.bytes).image
        application.segments[0].data.replaceSubrange(..<8, with: [UInt8](repeating: 0, count: 8))
        let made = ArduinoLayout.join(bootLoader: vector.boot.bytes, application: application)
        #expect(made == flash)
    }

    @Test("SL-007: images that another tool made are read, and made again byte for byte")
    func images() throws {
        for vector in try VectorFile<Image>.load("images").vectors {
            let parsed = try FirmwareImage.parse(vector.bytes.bytes)
            #expect(parsed.image.version == vector.version)
            #expect(parsed.image.header.entry == vector.entry)
            #expect(parsed.image.segments.map { [$0.address, UInt32($0.data.count)] } == vector.segments)
            #expect(parsed.storedChecksum == vector.checksum)
            #expect(parsed.isChecksumRight)
            #expect(parsed.crc.map { $0.stored == $0.computed } ?? (vector.version == 1))
            #expect(parsed.length == vector.bytes.bytes.count)
            #expect(parsed.image.encoded == vector.bytes.bytes, "\(vector.name)")
        }
    }
}
