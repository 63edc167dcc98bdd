import TestSupport
import Testing
import UnitProtocol

@Suite struct VectorTests {
    private struct ColourVector: Decodable {
        var id: String
        var name: String
        var bytes: HexBytes
        var colour: String?
    }

    private struct MeasurementVector: Decodable {
        var id: String
        var name: String
        var bytes: HexBytes
        var lines: [String]
    }

    private struct CommandVector: Decodable {
        var name: String
        var payload: String
        var bytes: HexBytes?
    }

    @Test("colours are parsed as the firmware does")
    func colours() throws {
        for vector in try VectorFile<ColourVector>.load("colours").vectors {
            #expect(HTMLColor.parse(vector.bytes.bytes)?.description == vector.colour, "\(vector.id) \(vector.name)")
        }
    }

    @Test("measurements are decoded, wherever the stream is cut")
    func measurements() throws {
        for vector in try VectorFile<MeasurementVector>.load("measurements").vectors {
            let bytes = vector.bytes.bytes
            let cuts = bytes.count > 1000 ? [0, 1, 255, 256, 257, bytes.count - 3] : Array(0...bytes.count)
            for cut in cuts where cut <= bytes.count {
                var decoder = MeasurementDecoder()
                let lines = decoder.decode(bytes[..<cut]) + decoder.decode(bytes[cut...])
                #expect(lines.map(describe) == vector.lines, "\(vector.id) \(vector.name), cut at \(cut)")
            }
            var decoder = MeasurementDecoder()
            let oneByOne = bytes.prefix(1000).flatMap { decoder.decode([$0]) }
            if bytes.count <= 1000 { #expect(oneByOne.map(describe) == vector.lines, "\(vector.name), byte by byte") }
        }
    }

    private func describe(_ line: DecodedLine) -> String {
        switch line {
        case .measurement(let measurement):
            measurement.text.utf8.count > 100 ? "@\(measurement.text.utf8.count)" : measurement.text
        case .malformed(let reason): "!\(reason.rawValue)"
        }
    }

    @Test("commands are encoded, or refused")
    func commands() throws {
        for vector in try VectorFile<CommandVector>.load("commands").vectors {
            #expect((try? Command(payload: vector.payload))?.bytes == vector.bytes?.bytes, "\(vector.name)")
        }
    }

    @Test("random bytes never crash the decoder, and good lines after them are decoded", arguments: 1...50)
    func random(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var decoder = MeasurementDecoder()
        for _ in 0..<200 {
            let junk = (0..<Int.random(in: 0...600, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            _ = decoder.decode(junk)
            _ = HTMLColor.parse(junk)
        }
        #expect(decoder.decode(Array("\n512\n".utf8)).last == (try? Measurement("512")).map(DecodedLine.measurement))
    }
}

private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
