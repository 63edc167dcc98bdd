/// What an instruction does: all that an LX106 knows, and nothing of Xtensa beyond.
///
/// Source: the instructions that Debian's `xtensa-lx106-elf-objdump` names. The narrow forms (16 bits) are cases of their own
/// because they are written so; they do what their wide twins do.
public enum Operation: UInt8, Sendable, CaseIterable {
    // Arithmetic and logic.
    case and, or, xor, add, addx2, addx4, addx8, sub, subx2, subx4, subx8, neg, abs
    case slli, srai, srli, src, srl, sll, sra, extui, mul16u, mul16s, mull, nsa, nsau
    case ssr, ssl, ssa8l, ssa8b, ssai
    case moveqz, movnez, movltz, movgez, movi, addi, addmi
    // Memory.
    case l8ui, l16ui, l16si, l32i, l32r, s8i, s16i, s32i
    // Jumps and branches.
    case call0, callx0, j, jx, ret
    case beqz, bnez, bltz, bgez
    case beqi, bnei, blti, bgei, bltui, bgeui
    case bnone, beq, blt, bltu, ball, bbc, bbci, bany, bne, bge, bgeu, bnall, bbs, bbsi
    // The machine itself.
    case rsr, wsr, xsr, rsil, waiti, rfe, rfde, rfi, rfdo, rfdd
    case ill, `break`, syscall, simcall
    case isync, rsync, esync, dsync, memw, extw, excw, nop
    case rer, wer
    case ritlb0, iitlb, pitlb, witlb, ritlb1, rdtlb0, idtlb, pdtlb, wdtlb, rdtlb1
    // 16 bits.
    case addN, addiN, movN, moviN, l32iN, s32iN, beqzN, bnezN, retN, breakN, nopN, illN
    /// No instruction of an LX106; it takes three bytes.
    case undefined
    /// Not read from memory: a block of decoded instructions goes on at `immediate`.
    case goOn
    /// Not read from memory: what the one before it needs to know, in `immediate`.
    case note

    /// The instruction's size in bytes.
    public var length: Int {
        switch self {
        case .addN, .addiN, .movN, .moviN, .l32iN, .s32iN, .beqzN, .bnezN, .retN, .breakN, .nopN, .illN: 2
        case .goOn, .note: 0
        default: 3
        }
    }

    /// As assemblers write it; that of a special register follows after a dot. What is undefined is written `excw`, as
    /// objdump does.
    public var mnemonic: String {
        switch self {
        case .undefined: "excw"
        case _ where length == 2: "\(self)".dropLast() + ".n"
        default: "\(self)"
        }
    }
}
