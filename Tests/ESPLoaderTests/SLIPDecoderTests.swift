import ESPLoader
import TestSupport
import Testing

@Suite struct SLIPDecoderTests {
    private func decode(_ wire: [UInt8], limit: Int = 0x8000) -> [SLIPEvent] {
        var decoder = SLIPDecoder(maximumContentBytes: limit)
        return decoder.decode(wire)
    }

    @Test("a frame that is encoded and decoded is the same, wherever the stream is cut")
    func everyCut() {
        let content: [UInt8] = [0x00, 0xC0, 0xDB, 0xDC, 0xDD, 0xDB, 0xC0, 0xFF]
        let wire = SLIP.encode(content)
        #expect(wire == [0xC0, 0, 0xDB, 0xDC, 0xDB, 0xDD, 0xDC, 0xDD, 0xDB, 0xDD, 0xDB, 0xDC, 0xFF, 0xC0])
        for cut in 0...wire.count {
            var decoder = SLIPDecoder()
            let events = decoder.decode(wire[..<cut]) + decoder.decode(wire[cut...])
            #expect(events == [.frame(content)])
        }
    }

    @Test("text between frames is passed on, in order")
    func text() {
        let wire = Array("boot".utf8) + SLIP.encode([1, 2]) + Array("x".utf8) + SLIP.encode([3])
        #expect(decode(wire) == [.text(Array("boot".utf8)), .frame([1, 2]), .text(Array("x".utf8)), .frame([3])])
    }

    @Test("a delimiter more or less costs one frame at most")
    func lostDelimiters() {
        let second = SLIP.encode([2])
        #expect(decode([0xC0, 0xC0] + SLIP.encode([1]) + second) == [.frame([1]), .frame([2])])
        // The start of the first frame is lost: its end counts as a start, and the second frame is whole.
        #expect(decode([1, 0xC0] + second) == [.text([1]), .frame([2])])
        // The end of the first frame is lost: the start of the second ends it.
        #expect(decode([0xC0, 1] + second + SLIP.encode([3])) == [.frame([1]), .text([2]), .frame([3])])
    }

    @Test("a wrong escape drops its frame and no other")
    func badEscape() {
        #expect(decode([0xC0, 1, 0xDB, 0x01, 2, 0xC0] + SLIP.encode([3])) == [.malformed(.badEscape(1)), .frame([3])])
        #expect(decode([0xC0, 1, 0xDB, 0xC0, 3, 0xC0]) == [.malformed(.badEscape(0xC0)), .frame([3])])
    }

    @Test("a frame without an end takes no more memory than the limit")
    func tooLong() {
        let endless = [0xC0] + [UInt8](repeating: 7, count: 100_000) + [0xC0]
        #expect(decode(endless + SLIP.encode([3]), limit: 16) == [.malformed(.tooLong(limit: 16)), .frame([3])])
        let longest = [UInt8](repeating: 7, count: 16)
        #expect(decode(SLIP.encode(longest), limit: 16) == [.frame(longest)])
    }

    @Test(
        "whatever comes, cut anywhere, the events are the same and the next frame is found",
        arguments: 0..<20 as Range<UInt64>)
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let special: [UInt8] = [0xC0, 0xDB, 0xDC, 0xDD, 0x41]
        let wire = (0..<4000).map { _ in
            Bool.random(using: &random)
                ? special[Int.random(in: special.indices, using: &random)] : UInt8.random(in: 0...255, using: &random)
        }
        // Two delimiters end whatever has begun.
        let whole = wire + [0xC0, 0xC0] + SLIP.encode([1, 2, 3])
        var decoder = SLIPDecoder(maximumContentBytes: 64)
        var pieces: [SLIPEvent] = []
        var rest = whole[...]
        while !rest.isEmpty {
            let length = Int.random(in: 1...9, using: &random)
            pieces += decoder.decode(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        #expect(joined(pieces) == joined(decode(whole, limit: 64)))
        #expect(pieces.last == .frame([1, 2, 3]))
    }

    /// Text that was passed on in pieces, as one.
    private func joined(_ events: [SLIPEvent]) -> [SLIPEvent] {
        events.reduce(into: []) { joined, event in
            if case .text(let more) = event, case .text(let text) = joined.last {
                joined[joined.count - 1] = .text(text + more)
            } else {
                joined.append(event)
            }
        }
    }
}
