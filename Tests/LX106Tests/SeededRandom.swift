/// Repeatable random numbers (xorshift64*).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15 | 1
        for _ in 0..<8 { _ = next() }
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// One in `count`.
    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    /// A word as they matter to an ALU: small, near a power of two, or any.
    mutating func word() -> UInt32 {
        switch Int.random(in: 0..<4, using: &self) {
        case 0: UInt32(bitPattern: .random(in: -40...40, using: &self))
        case 1: (1 << UInt32.random(in: 0..<32, using: &self)) &+ UInt32(bitPattern: .random(in: -1...1, using: &self))
        default: .random(in: 0 ... .max, using: &self)
        }
    }
}
