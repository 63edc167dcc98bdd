extension Instruction {
    /// What `beqi` and its like compare with, by the number in r.
    static let signedConstants: [UInt32] = [.max, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256]
    /// What `bltui` and `bgeui` compare with.
    static let unsignedConstants: [UInt32] = [0x8000, 0x10000, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256]

    /// As objdump writes it: the mnemonic, a space, the operands with commas between.
    public var text: String {
        let operands = self.operands.joined(separator: ", ")
        return operands.isEmpty ? mnemonic : "\(mnemonic) \(operands)"
    }

    private var mnemonic: String {
        switch operation {
        case .rsr, .wsr, .xsr:
            let register = SpecialRegister(rawValue: UInt8(truncatingIfNeeded: immediate))
            return "\(operation).\(register?.name(in: operation) ?? "\(immediate)")"
        default:
            return operation.mnemonic
        }
    }

    private var operands: [String] {
        switch operation {
        case .and, .or, .xor, .add, .addx2, .addx4, .addx8, .sub, .subx2, .subx4, .subx8, .src, .mul16u, .mul16s, .mull,
            .moveqz, .movnez, .movltz, .movgez, .addN:
            [Self.register(r), Self.register(s), Self.register(t)]
        case .neg, .abs, .srl, .sra: [Self.register(r), Self.register(t)]
        case .sll: [Self.register(r), Self.register(s)]
        case .nsa, .nsau, .ritlb0, .pitlb, .witlb, .ritlb1, .rdtlb0, .pdtlb, .wdtlb, .rdtlb1, .movN:
            [Self.register(t), Self.register(s)]
        case .ssr, .ssl, .ssa8l, .ssa8b, .jx, .callx0, .iitlb, .idtlb: [Self.register(s)]
        case .slli: [Self.register(r), Self.register(s), Self.number(immediate)]
        case .srai, .srli: [Self.register(r), Self.register(t), Self.number(immediate)]
        case .extui:
            [Self.register(r), Self.register(t), "\(s)", "\(immediate.nonzeroBitCount)"]
        case .ssai: [Self.number(immediate)]
        case .rsr, .wsr, .xsr: [Self.register(t)]
        case .rsil: [Self.register(t), "\(s)"]
        case .waiti, .rfi, .rfdo, .breakN: ["\(s)"]
        case .break: ["\(s)", "\(t)"]
        case .l8ui, .l16ui, .l16si, .l32i, .s8i, .s16i, .s32i, .l32iN, .s32iN, .addi, .addmi:
            [Self.register(t), Self.register(s), Self.number(immediate)]
        case .addiN: [Self.register(r), Self.register(s), Self.number(immediate)]
        case .movi: [Self.register(t), Self.number(immediate)]
        case .moviN: [Self.register(s), Self.number(immediate)]
        case .l32r: [Self.register(t), Self.address(immediate)]
        case .call0, .j: [Self.address(immediate)]
        case .beqz, .bnez, .bltz, .bgez, .beqzN, .bnezN: [Self.register(s), Self.address(immediate)]
        case .beqi, .bnei, .blti, .bgei:
            [Self.register(s), Self.number(Self.signedConstants[Int(r)]), Self.address(immediate)]
        case .bltui, .bgeui:
            [Self.register(s), Self.number(Self.unsignedConstants[Int(r)]), Self.address(immediate)]
        case .bnone, .beq, .blt, .bltu, .ball, .bbc, .bany, .bne, .bge, .bgeu, .bnall, .bbs:
            [Self.register(s), Self.register(t), Self.address(immediate)]
        case .bbci, .bbsi: [Self.register(s), "\(t)", Self.address(immediate)]
        case .ret, .rfe, .rfde, .rfdd, .ill, .syscall, .simcall, .isync, .rsync, .esync, .dsync, .memw, .extw, .excw,
            .nop, .rer, .wer, .retN, .nopN, .illN, .undefined, .goOn, .note:
            []
        }
    }

    private static func register(_ number: UInt8) -> String { "a\(number)" }

    private static func address(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }

    /// Small numbers are written in decimal, others as they stand in the register.
    private static func number(_ value: UInt32) -> String {
        let signed = Int32(bitPattern: value)
        return (-255...255).contains(signed) ? "\(signed)" : address(value)
    }
}
