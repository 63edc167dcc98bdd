/// The instruction set: which bits make which operation.
///
/// Source: what Debian's `xtensa-lx106-elf-objdump` makes of every combination of the bits that are not operands.
enum InstructionTable {
    struct Row: Sendable {
        var operation: Operation
        /// The bits that are fixed, and which they are.
        var bits: UInt32
        var mask: UInt32
        var encoding: Encoding
    }

    /// The rows for each value of the lowest four bits (op0); a later row never stands for what an earlier one does.
    static let rows: [[Row]] = (0..<16).map { op0 in all.filter { $0.bits & 0xF == UInt32(op0) } }

    private static func row(
        _ operation: Operation, _ bits: UInt32, _ mask: UInt32, _ encoding: Encoding = .none
    ) -> Row {
        Row(operation: operation, bits: bits, mask: mask, encoding: encoding)
    }

    private static let all = flow + arithmetic + machine + memoryManagement + memory + branches + narrow

    private static let flow: [Row] = [
        row(.ill, 0x000000, 0xFFFFFF), row(.ret, 0x000080, 0xFFF0FF), row(.jx, 0x0000A0, 0xFFF0FF, .s),
        row(.callx0, 0x0000C0, 0xFFF0FF, .s), row(.call0, 0x000005, 0x00003F, .call),
        row(.j, 0x000006, 0x00003F, .jump), row(.l32r, 0x000001, 0x00000F, .literal),
    ]

    private static let arithmetic: [Row] = [
        row(.and, 0x100000, 0xFF000F, .rst), row(.or, 0x200000, 0xFF000F, .rst),
        row(.xor, 0x300000, 0xFF000F, .rst), row(.add, 0x800000, 0xFF000F, .rst),
        row(.addx2, 0x900000, 0xFF000F, .rst), row(.addx4, 0xA00000, 0xFF000F, .rst),
        row(.addx8, 0xB00000, 0xFF000F, .rst), row(.sub, 0xC00000, 0xFF000F, .rst),
        row(.subx2, 0xD00000, 0xFF000F, .rst), row(.subx4, 0xE00000, 0xFF000F, .rst),
        row(.subx8, 0xF00000, 0xFF000F, .rst), row(.neg, 0x600000, 0xFF0F0F, .rt),
        row(.abs, 0x600100, 0xFF0F0F, .rt),
        row(.slli, 0x010000, 0xEF000F, .leftShift), row(.srai, 0x210000, 0xEF000F, .arithmeticShift),
        row(.srli, 0x410000, 0xFF000F, .logicalShift), row(.src, 0x810000, 0xFF000F, .rst),
        row(.srl, 0x910000, 0xFF0F0F, .rt), row(.sll, 0xA10000, 0xFF00FF, .rs),
        row(.sra, 0xB10000, 0xFF0F0F, .rt), row(.mul16u, 0xC10000, 0xFF000F, .rst),
        row(.mul16s, 0xD10000, 0xFF000F, .rst), row(.mull, 0x820000, 0xFF000F, .rst),
        row(.extui, 0x040000, 0x0E000F, .field),
        row(.ssr, 0x400000, 0xFFF0FF, .s), row(.ssl, 0x401000, 0xFFF0FF, .s),
        row(.ssa8l, 0x402000, 0xFFF0FF, .s), row(.ssa8b, 0x403000, 0xFFF0FF, .s),
        row(.ssai, 0x404000, 0xFFF0EF, .shiftAmount), row(.nsa, 0x40E000, 0xFFF00F, .ts),
        row(.nsau, 0x40F000, 0xFFF00F, .ts),
        row(.moveqz, 0x830000, 0xFF000F, .rst), row(.movnez, 0x930000, 0xFF000F, .rst),
        row(.movltz, 0xA30000, 0xFF000F, .rst), row(.movgez, 0xB30000, 0xFF000F, .rst),
        row(.movi, 0x00A002, 0x00F00F, .movi), row(.addi, 0x00C002, 0x00F00F, .addi(shift: 0)),
        row(.addmi, 0x00D002, 0x00F00F, .addi(shift: 8)),
    ]

    private static let machine: [Row] = [
        row(.isync, 0x002000, 0xFFFFFF), row(.rsync, 0x002010, 0xFFFFFF), row(.esync, 0x002020, 0xFFFFFF),
        row(.dsync, 0x002030, 0xFFFFFF), row(.excw, 0x002080, 0xFFFFFF), row(.memw, 0x0020C0, 0xFFFFFF),
        row(.extw, 0x0020D0, 0xFFFFFF), row(.nop, 0x0020F0, 0xFFFFFF),
        row(.rfe, 0x003000, 0xFFFFFF), row(.rfde, 0x003200, 0xFFFFFF), row(.rfi, 0x003010, 0xFFF0FF, .number),
        row(.rfdo, 0xF1E000, 0xFFF0FF, .number), row(.rfdd, 0xF1E010, 0xFFF0FF),
        row(.break, 0x004000, 0xFFF00F, .twoNumbers), row(.syscall, 0x005000, 0xFFFFFF),
        row(.simcall, 0x005100, 0xFFFFFF), row(.rsil, 0x006000, 0xFFF00F, .level),
        row(.waiti, 0x007000, 0xFFF0FF, .number),
        row(.rsr, 0x030000, 0xFF000F, .specialRegister), row(.wsr, 0x130000, 0xFF000F, .specialRegister),
        row(.xsr, 0x610000, 0xFF000F, .specialRegister),
        row(.rer, 0x406000, 0xFFF00F), row(.wer, 0x407000, 0xFFF00F),
    ]

    private static let memoryManagement: [Row] = [
        row(.ritlb0, 0x503000, 0xFFF00F, .ts), row(.iitlb, 0x504000, 0xFFF0FF, .s),
        row(.pitlb, 0x505000, 0xFFF00F, .ts), row(.witlb, 0x506000, 0xFFF00F, .ts),
        row(.ritlb1, 0x507000, 0xFFF00F, .ts), row(.rdtlb0, 0x50B000, 0xFFF00F, .ts),
        row(.idtlb, 0x50C000, 0xFFF0FF, .s), row(.pdtlb, 0x50D000, 0xFFF00F, .ts),
        row(.wdtlb, 0x50E000, 0xFFF00F, .ts), row(.rdtlb1, 0x50F000, 0xFFF00F, .ts),
    ]

    private static let memory: [Row] = [
        row(.l8ui, 0x000002, 0x00F00F, .memory(shift: 0)), row(.l16ui, 0x001002, 0x00F00F, .memory(shift: 1)),
        row(.l32i, 0x002002, 0x00F00F, .memory(shift: 2)), row(.s8i, 0x004002, 0x00F00F, .memory(shift: 0)),
        row(.s16i, 0x005002, 0x00F00F, .memory(shift: 1)), row(.s32i, 0x006002, 0x00F00F, .memory(shift: 2)),
        row(.l16si, 0x009002, 0x00F00F, .memory(shift: 1)),
    ]

    private static let branches: [Row] = [
        row(.beqz, 0x000016, 0x0000FF, .branchOnZero), row(.bnez, 0x000056, 0x0000FF, .branchOnZero),
        row(.bltz, 0x000096, 0x0000FF, .branchOnZero), row(.bgez, 0x0000D6, 0x0000FF, .branchOnZero),
        row(.beqi, 0x000026, 0x0000FF, .branchOnConstant), row(.bnei, 0x000066, 0x0000FF, .branchOnConstant),
        row(.blti, 0x0000A6, 0x0000FF, .branchOnConstant), row(.bgei, 0x0000E6, 0x0000FF, .branchOnConstant),
        row(.bltui, 0x0000B6, 0x0000FF, .branchOnConstant), row(.bgeui, 0x0000F6, 0x0000FF, .branchOnConstant),
        row(.bnone, 0x000007, 0x00F00F, .branch), row(.beq, 0x001007, 0x00F00F, .branch),
        row(.blt, 0x002007, 0x00F00F, .branch), row(.bltu, 0x003007, 0x00F00F, .branch),
        row(.ball, 0x004007, 0x00F00F, .branch), row(.bbc, 0x005007, 0x00F00F, .branch),
        row(.bbci, 0x006007, 0x00E00F, .branchOnBit), row(.bany, 0x008007, 0x00F00F, .branch),
        row(.bne, 0x009007, 0x00F00F, .branch), row(.bge, 0x00A007, 0x00F00F, .branch),
        row(.bgeu, 0x00B007, 0x00F00F, .branch), row(.bnall, 0x00C007, 0x00F00F, .branch),
        row(.bbs, 0x00D007, 0x00F00F, .branch), row(.bbsi, 0x00E007, 0x00E00F, .branchOnBit),
    ]

    private static let narrow: [Row] = [
        row(.l32iN, 0x0008, 0x000F, .narrowMemory), row(.s32iN, 0x0009, 0x000F, .narrowMemory),
        row(.addN, 0x000A, 0x000F, .rst), row(.addiN, 0x000B, 0x000F, .narrowAddi),
        row(.moviN, 0x000C, 0x008F, .narrowMovi), row(.beqzN, 0x008C, 0x00CF, .narrowBranch),
        row(.bnezN, 0x00CC, 0x00CF, .narrowBranch), row(.movN, 0x000D, 0xF00F, .ts),
        row(.retN, 0xF00D, 0xF0FF), row(.breakN, 0xF02D, 0xF0FF, .number), row(.nopN, 0xF03D, 0xFFFF),
        row(.illN, 0xF06D, 0xFFFF),
    ]
}
