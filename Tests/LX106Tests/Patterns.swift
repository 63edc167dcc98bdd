import TestSupport

@testable import LX106

/// Bit patterns of instructions for a comparison with a disassembler: one in every eight bytes, with 0xFF behind it.
enum Patterns {
    /// Every combination of the bits that tell instructions apart, with some operands each; in 16 bits, all there are.
    static func all() -> [UInt32] {
        var random = SeededRandom(seed: 5)
        var patterns: [UInt32] = []
        for high in 0..<UInt32(4096) {
            // op2, op1, r; where s and t are no operands all of them matter.
            let hasFew = [0x00, 0x40, 0x50, 0x60, 0xF1, 0x03, 0x13, 0x61].contains(high >> 4)
            let sample = [0, UInt32.random(in: 1...15, using: &random)]
            for s in 0..<UInt32(16) {
                for t in 0..<UInt32(16) where hasFew || sample.contains(s) && sample.contains(t) {
                    patterns.append(high << 12 | s << 8 | t << 4)
                }
            }
        }
        // Told apart by r and t; by all but s in 3 and 4, where other Xtensas have more.
        for op0 in 1..<UInt32(8) {
            for place in 0..<UInt32(0x1_0000) {
                let (high, t) = (place >> 4, place & 0xF)
                guard op0 == 3 || op0 == 4 ? t == high & 0xF : high & 0xF0 == t << 4 || random.oneIn(16) else {
                    continue
                }
                patterns.append(high << 12 | .random(in: 0...15, using: &random) << 8 | t << 4 | op0)
            }
        }
        for bits in 0..<UInt32(0x1_0000) where bits & 0xF >= 8 { patterns.append(bits) }
        return patterns
    }

    static func image(_ patterns: [UInt32]) -> [UInt8] {
        var image = [UInt8](repeating: 0xFF, count: patterns.count * 8)
        for (index, bits) in patterns.enumerated() {
            image[index * 8] = UInt8(truncatingIfNeeded: bits)
            image[index * 8 + 1] = UInt8(truncatingIfNeeded: bits >> 8)
            if bits & 0xF < 8 { image[index * 8 + 2] = UInt8(truncatingIfNeeded: bits >> 16) }
        }
        return image
    }

    /// Line by line what they are at their places.
    static func text(_ patterns: [UInt32]) -> String {
        var text = ""
        for (index, bits) in patterns.enumerated() {
            text += Disassembly.text(bits, at: UInt32(index * 8))
            text += "\n"
        }
        return text
    }

    /// The first few lines that are not equal.
    static func differences(_ patterns: [UInt32], _ ours: String, _ theirs: String) -> String {
        let lines = zip(patterns, zip(ours.split(separator: "\n"), theirs.split(separator: "\n")))
        let found = lines.lazy.filter { $1.0 != $1.1 }.prefix(20)
        return found.map { "\(String($0, radix: 16)): ours \($1.0), objdump \($1.1)" }.joined(separator: "\n")
    }
}
