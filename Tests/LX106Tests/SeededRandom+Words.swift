import TestSupport

extension SeededRandom {
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
