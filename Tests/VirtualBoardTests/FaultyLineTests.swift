import TestSupport
import Testing

@testable import VirtualBoard

@Suite struct FaultyLineTests {
    @Test("the same seed gives the same faults, another seed others")
    func seeds() {
        let bytes = noise(5000, seed: 1)
        func heard(_ seed: UInt64) -> [UInt8] {
            var line = FaultyLine([.drop(0.01), .flip(0.01), .repeat(0.01)], seed: seed)
            return line.toChip(bytes, baud: 115_200).bytes + line.toHost(bytes, baud: 115_200)
        }
        #expect(heard(1) == heard(1))
        #expect(heard(1) != heard(2))
        #expect(heard(1) != bytes + bytes)
    }

    @Test("shares are kept")
    func shares() {
        let bytes = [UInt8](repeating: 0, count: 100_000)
        var dropping = FaultyLine([.drop(0.1)], seed: 1)
        #expect((89_000...91_000).contains(dropping.toHost(bytes, baud: 115_200).count))
        var flipping = FaultyLine([.flip(0.1)], seed: 1)
        let flipped = flipping.toHost(bytes, baud: 115_200)
        #expect(flipped.count == bytes.count)
        #expect((9_000...11_000).contains(flipped.count { $0.nonzeroBitCount == 1 }))
        var repeating = FaultyLine([.repeat(0.1)], seed: 1)
        #expect((109_000...111_000).contains(repeating.toHost(bytes, baud: 115_200).count))
        var whole = FaultyLine([], seed: 1)
        #expect(whole.toHost(bytes, baud: 115_200) == bytes)
    }

    @Test("what happens after so many bytes happens once")
    func events() {
        var line = FaultyLine(
            [.vanish(after: 10), .brownOut(after: 20), .silent(after: 20, for: .seconds(3)), .stuck(after: 25)], seed: 1
        )
        let bytes = [UInt8](repeating: 1, count: 9)
        #expect(line.toChip(bytes, baud: 115_200).events == [])
        #expect(line.toChip(bytes, baud: 115_200).events == [.vanish])
        #expect(line.toChip(bytes, baud: 115_200).events == [.brownOut, .silence(.seconds(3)), .stuck])
        #expect(line.toChip(bytes, baud: 115_200).events == [])
    }

    @Test("notations are read, and nothing else")
    func notations() {
        #expect(LineFault("flip:0.0001") == .flip(0.0001))
        #expect(LineFault("silent:500:1.5") == .silent(after: 500, for: .milliseconds(1500)))
        #expect(LineFault("bad-sector:16") == .badSector(16))
        for text in ["flip", "flip:2", "flip:-1", "flip:x", "vanish:-1", "silent:5", "melt:1", "", "drop:0.1:2"] {
            #expect(LineFault(text) == nil, "\(text)")
        }
    }
}
