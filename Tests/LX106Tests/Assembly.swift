@testable import LX106

/// Instructions as bytes, made from the decoder's own table: its fixed bits, and operands where their encoding has them.
enum Assembly {
    /// - Parameters:
    ///   - r: The fields of that name, where the encoding has them as they are.
    ///   - immediate: What ``Instruction/immediate`` is to become; for jumps and literals, with `address` as its own place.
    static func bits(
        _ operation: LX106.Operation, r: UInt32 = 0, s: UInt32 = 0, t: UInt32 = 0, _ immediate: UInt32 = 0,
        at address: UInt32 = 0
    ) -> UInt32 {
        guard let row = InstructionTable.rows.joined().first(where: { $0.operation == operation }) else {
            fatalError("no bits for \(operation)")
        }
        let fields = r << 12 | s << 8 | t << 4
        let distance = immediate &- address &- 4
        let operands: UInt32 =
            switch row.encoding {
            case .leftShift: fields | ((32 - immediate) & 0xF) << 4 | ((32 - immediate) & 0x10) << 16
            case .arithmeticShift: fields | (immediate & 0xF) << 8 | (immediate & 0x10) << 16
            case .logicalShift: fields | immediate << 8
            case .shiftAmount: (immediate & 0xF) << 8 | immediate & 0x10
            case .specialRegister: t << 4 | immediate << 8
            case .memory(let shift): s << 8 | t << 4 | (immediate >> shift) << 16
            case .narrowMemory: s << 8 | t << 4 | (immediate >> 2) << 12
            case .movi: t << 4 | (immediate & 0xFF) << 16 | (immediate >> 8 & 0xF) << 8
            case .addi(let shift): s << 8 | t << 4 | (immediate >> shift & 0xFF) << 16
            case .narrowAddi: r << 12 | s << 8 | (immediate == .max ? 0 : immediate) << 4
            case .narrowMovi: s << 8 | (immediate & 0xF) << 12 | (immediate >> 4 & 7) << 4
            case .literal: t << 4 | ((immediate &- (address &+ 3) & ~3) >> 2 & 0xFFFF) << 8
            case .call: ((immediate &- address & ~3 &- 4) >> 2 & 0x3FFFF) << 6
            case .jump: (distance & 0x3FFFF) << 6
            case .branchOnZero: s << 8 | (distance & 0xFFF) << 12
            case .branchOnConstant: r << 12 | s << 8 | (distance & 0xFF) << 16
            case .branch: s << 8 | t << 4 | (distance & 0xFF) << 16
            case .branchOnBit: s << 8 | (t & 0xF) << 4 | (t >> 4) << 12 | (distance & 0xFF) << 16
            case .narrowBranch: s << 8 | (distance & 0xF) << 12 | (distance >> 4 & 3) << 4
            default: fields
            }
        return row.bits | operands & ~row.mask
    }

    /// The bytes of an instruction.
    static func bytes(_ bits: UInt32) -> [UInt8] {
        (0..<Decoder.length(first: UInt8(truncatingIfNeeded: bits))).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
}
