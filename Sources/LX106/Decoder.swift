/// Reads instructions.
public enum Decoder {
    /// How many bytes the instruction takes that begins with `byte`.
    public static func length(first byte: UInt8) -> Int { byte & 0xF < 8 ? 3 : 2 }

    /// What the bits say; what no LX106 knows is ``Operation/undefined``.
    ///
    /// - Parameters:
    ///   - bits: The instruction's bytes, the first one lowest; what is above them is ignored.
    ///   - address: Where it stands; jumps are relative to it.
    public static func decode(_ bits: UInt32, at address: UInt32) -> Instruction {
        let bits = length(first: UInt8(truncatingIfNeeded: bits)) == 3 ? bits & 0xFF_FFFF : bits & 0xFFFF
        for row in InstructionTable.rows[Int(bits & 0xF)] where bits & row.mask == row.bits {
            return instruction(row, bits, at: address)
        }
        return Instruction(.undefined)
    }

    private static func instruction(_ row: InstructionTable.Row, _ bits: UInt32, at address: UInt32) -> Instruction {
        var found = Instruction(
            row.operation, r: field(bits, 12), s: field(bits, 8), t: field(bits, 4))
        switch row.encoding {
        case .none, .rst, .rs, .rt, .ts, .s, .number, .twoNumbers, .level:
            break
        case .leftShift:
            found.immediate = 32 - (UInt32(found.t) | bits >> 16 & 0x10)
        case .arithmeticShift:
            found.immediate = UInt32(found.s) | bits >> 16 & 0x10
        case .logicalShift:
            found.immediate = UInt32(found.s)
        case .field:
            found.s |= UInt8(bits >> 12 & 0x10)
            found.immediate = UInt32.max >> (31 - bits >> 20 & 0xF)
        case .shiftAmount:
            found.immediate = UInt32(found.s) | UInt32(found.t & 1) << 4
        case .specialRegister:
            found.immediate = bits >> 8 & 0xFF
            let register = SpecialRegister(rawValue: UInt8(found.immediate))
            guard register?.isReached(by: row.operation) == true else { return Instruction(.undefined) }
        case .memory(let shift):
            found.immediate = (bits >> 16) << shift
        case .narrowMemory:
            found.immediate = UInt32(found.r) << 2
        case .movi:
            found.immediate = signed(bits >> 16 | UInt32(found.s) << 8, bits: 12)
        case .addi(let shift):
            found.immediate = signed(bits >> 16, bits: 8) << shift
        case .narrowAddi:
            found.immediate = found.t == 0 ? .max : UInt32(found.t)
        case .narrowMovi:
            let value = UInt32(found.t & 7) << 4 | UInt32(found.r)
            found.immediate = value >= 96 ? value &- 128 : value
        case .literal, .call, .jump, .branchOnZero, .branchOnConstant, .branch, .branchOnBit, .narrowBranch:
            place(row.encoding, bits, at: address, in: &found)
        }
        return found
    }

    /// The address that an instruction names relative to its own.
    private static func place(
        _ encoding: Encoding, _ bits: UInt32, at address: UInt32, in found: inout Instruction
    ) {
        switch encoding {
        case .literal:
            found.immediate = (address &+ 3) & ~3 &+ (0xFFFC_0000 | (bits >> 8) << 2)
        case .call:
            found.immediate = address & ~3 &+ 4 &+ signed(bits >> 6, bits: 18) << 2
        case .jump:
            found.immediate = address &+ 4 &+ signed(bits >> 6, bits: 18)
        case .branchOnZero:
            found.immediate = address &+ 4 &+ signed(bits >> 12, bits: 12)
        case .narrowBranch:
            found.immediate = address &+ 4 &+ (UInt32(found.t & 3) << 4 | UInt32(found.r))
        case .branchOnBit:
            found.t |= (found.r & 1) << 4
            fallthrough
        default:
            found.immediate = address &+ 4 &+ signed(bits >> 16, bits: 8)
        }
    }

    private static func field(_ bits: UInt32, _ shift: UInt32) -> UInt8 { UInt8(bits >> shift & 0xF) }

    private static func signed(_ value: UInt32, bits: UInt32) -> UInt32 {
        let sign: UInt32 = 1 << (bits - 1)
        return (value ^ sign) &- sign
    }
}
