import TestSupport

@testable import LX106

/// A short random program: the registers it begins with, its literals and instructions.
///
/// All comes from the seed. Instructions are random bits under the fixed ones of a row of ``InstructionTable``, or what no row
/// knows; then their operands are set so that a program ends, and touches nothing but its own scratch memory:
/// - a1 stays the base of all loads and stores, a2 the counter of loops;
/// - branches lead forward to where an instruction begins, or back at the end of a loop of at most five rounds;
/// - jumps to where a register says, and returns, lead into the last few instructions, which have none of them.
///
/// Left out is what two emulators cannot have alike:
/// - `ccount`, `ccompare0`, `icount` and its level: time differs;
/// - the registers of breakpoints in hardware, which ours only keeps; `prid`, which each chip has of its own; what objdump
///   lets be written and QEMU does not: `configid0`, `debugcause`, `mmid`;
/// - `simcall`: it is how QEMU is talked to; `waiti`: nothing would wake it;
/// - `rer`, `wer` and the instructions on TLBs: ours gives them no effect, QEMU's machine has other devices and protection;
/// - `vecbase`, `excsave2` and `excsave3` are read but not written: the driver needs them;
/// - `slli` by 32, and `rfi` from levels that there are not, which the instruction set leaves open (the latter ends QEMU);
/// - bits of PS beyond INTLEVEL, EXCM and UM, which an LX106 has no use for and QEMU keeps;
/// - what is refused because no memory is there: QEMU's machine has memory elsewhere.
struct Sequence {
    static let slotBytes = 0x200
    /// Literals stand at the slot's beginning, so that `l32r` reaches them.
    private static let literalBytes = 0x40

    let seed: UInt64
    let slot: UInt32
    /// As the driver reads it: a0 to a15, SAR, PS, the entry, and further special registers.
    private(set) var record: [UInt32] = []
    private(set) var bytes: [UInt8] = []

    /// What it is made of.
    private(set) var operations: Set<LX106.Operation> = []

    private var random: SeededRandom
    private var literals: [UInt32] = []
    private var items: [Item] = []
    private var litbase: UInt32 = 0

    /// What no branch leads into the midst of.
    private struct Item {
        var parts: [Part]
    }

    private enum Part {
        case bits(UInt32)
        /// Reads a literal; made when its place is known.
        case literal(register: UInt32, index: Int)
        /// Leads to the beginning of an item, by its number.
        case lead(UInt32, to: Int)
        /// Makes the next instruction's address a multiple of four.
        case align
    }

    /// - Parameters:
    ///   - slot: Where its literals and instructions stand.
    ///   - scratch: 256 bytes.
    init(seed: UInt64, slot: UInt32, scratch: UInt32) {
        self.seed = seed
        self.slot = slot
        random = SeededRandom(seed: seed)
        if random.oneIn(8) {
            litbase = slot & ~0xFFF &+ .random(in: 1...0x3F, using: &random) << 12 | 1
        }
        // The first literal is where the last instructions begin.
        literals = [0] + (1..<8).map { _ in random.word() }
        write()
        let entry = lay()
        registers(scratch: scratch, entry: entry)
    }

    /// Where each of the last few instructions begins.
    private var ends: [UInt32] = []

    private mutating func registers(scratch: UInt32, entry: UInt32) {
        var registers = (0..<16).map { _ in random.word() }
        registers[1] = scratch + (random.oneIn(4) ? .random(in: 1...3, using: &random) : 0)
        registers[2] = .random(in: 1...4, using: &random)
        let status = random.oneIn(3) ? UInt32.random(in: 0...0x3F, using: &random) : random.oneIn(2) ? 0x20 : 0
        record = registers + [UInt32.random(in: 0...(random.oneIn(4) ? 63 : 32), using: &random), status, entry]
        let returns = (0..<3).map { _ in ends.randomElement(using: &random) ?? 0 }
        record += returns + [.random(in: 0...0x3F, using: &random), random.word(), litbase]
        record += [random.word() & 0x3F, random.word(), random.oneIn(3) ? random.word() & 0x80 : 0]
    }

    // MARK: - What it does

    private mutating func write() {
        let count = Int.random(in: 5...30, using: &random)
        var loopStart: Int?
        for _ in 0..<count {
            if let start = loopStart, random.oneIn(4) {
                items.append(
                    Item(parts: [
                        .bits(Assembly.bits(.addi, s: 2, t: 2, .max)),
                        .lead(Assembly.bits(.bgei, r: 1, s: 2), to: start),
                    ]))
                loopStart = nil
            } else if loopStart == nil, random.oneIn(10) {
                items.append(Item(parts: [.bits(Assembly.bits(.movi, t: 2, .random(in: 1...5, using: &random)))]))
                loopStart = items.count
            }
            append(mayTurn: true)
        }
        if let start = loopStart {
            items.append(Item(parts: [.lead(Assembly.bits(.bgei, r: 1, s: 2), to: start)]))
            items[items.count - 1].parts.insert(.bits(Assembly.bits(.addi, s: 2, t: 2, .max)), at: 0)
        }
        items.append(Item(parts: [.align]))
        tail = items.count
        for _ in 0..<4 { append(mayTurn: false) }
    }

    /// The number of the item with which the last instructions begin.
    private var tail = 0

    private mutating func append(mayTurn: Bool) {
        while true {
            if let item = draw(mayTurn: mayTurn) {
                for case .bits(let bits) in item.parts { operations.insert(Decoder.decode(bits, at: 0).operation) }
                for case .lead(let bits, _) in item.parts { operations.insert(Decoder.decode(bits, at: 0).operation) }
                for case .literal in item.parts { operations.insert(.l32r) }
                items.append(item)
                return
            }
        }
    }

    /// Nil where what was drawn cannot be had.
    private mutating func draw(mayTurn: Bool) -> Item? {
        if random.oneIn(150) { return undefined() }
        let op0 = Int.random(in: 0..<14, using: &random)
        // Half of them from op0 = 0, which has most rows.
        guard let row = InstructionTable.rows[random.oneIn(2) ? 0 : op0].randomElement(using: &random) else {
            return nil
        }
        let bits = row.bits | UInt32.random(in: 0 ... .max, using: &random) & ~row.mask
        let instruction = Decoder.decode(bits, at: 0)
        guard instruction.operation == row.operation, !Self.isLeftOut(instruction) else { return nil }
        guard instruction.target.map({ $0 != 1 && $0 != 2 }) ?? true else { return nil }
        let (s, t) = (UInt32(instruction.s), UInt32(instruction.t))

        switch instruction.operation {
        case .l8ui, .l16ui, .l16si, .l32i, .s8i, .s16i, .s32i, .l32iN, .s32iN:
            let offset = UInt32.random(in: 0...248, using: &random)
            let most: UInt32 = instruction.length == 2 ? 60 : 248
            let bits = Assembly.bits(row.operation, s: 1, t: t, min(offset, most) & ~(instruction.width - 1))
            return Item(parts: [.bits(bits)])
        case .l32r:
            return Item(parts: [.literal(register: t, index: .random(in: 1..<8, using: &random))])
        case .jx, .callx0:
            guard mayTurn, s != 1, s != 2, random.oneIn(4) else { return nil }
            return Item(parts: [.literal(register: s, index: 0), .bits(bits)])
        case .ret, .retN:
            guard mayTurn, random.oneIn(8) else { return nil }
            return Item(parts: [.literal(register: 0, index: 0), .bits(bits)])
        case .call0:
            return mayTurn && random.oneIn(6) ? Item(parts: [.lead(bits, to: -1)]) : nil
        case .rfe, .rfde:
            return mayTurn && random.oneIn(3) ? Item(parts: [.bits(bits)]) : nil
        case .rfi:
            guard mayTurn, random.oneIn(3) else { return nil }
            // EPC3 is where the program began.
            let register = UInt32.random(in: 3..<16, using: &random)
            return Item(parts: [
                .literal(register: register, index: 0),
                .bits(Assembly.bits(.wsr, t: register, UInt32(SpecialRegister.epc3.rawValue))), .bits(bits),
            ])
        case .ill, .illN, .syscall, .break, .breakN, .rfdo, .rfdd:
            // They end a program, as a rule.
            return random.oneIn(6) ? Item(parts: [.bits(bits)]) : nil
        case .wsr, .xsr:
            return Item(parts: write(instruction, bits))
        case .ssl, .ssa8b:
            // By 32, a shift to the right later in the same block is none in QEMU 7.2, unless SAR was written once more.
            let (register, sar) = (UInt32.random(in: 3..<16, using: &random), UInt32(SpecialRegister.sar.rawValue))
            return Item(parts: [
                .bits(bits), .bits(Assembly.bits(.rsr, t: register, sar)),
                .bits(Assembly.bits(.wsr, t: register, sar)),
            ])
        case _ where row.encoding.isRelative:
            return Item(parts: [.lead(bits, to: items.count + .random(in: 1...6, using: &random))])
        default:
            return Item(parts: [.bits(bits)])
        }
    }

    /// A special register's new value, so that it cannot lead astray.
    private func write(_ instruction: Instruction, _ bits: UInt32) -> [Part] {
        let t = UInt32(instruction.t)
        switch SpecialRegister(rawValue: UInt8(truncatingIfNeeded: instruction.immediate)) {
        case .ps, .eps2, .eps3:
            // extui at, at, 0, 6
            return [.bits(0x040000 | t << 12 | t << 4 | 5 << 20), .bits(bits)]
        case .epc1, .epc2, .depc: return [.literal(register: t, index: 0), .bits(bits)]
        default: return [.bits(bits)]
        }
    }

    private mutating func undefined() -> Item? {
        let bits = UInt32.random(in: 0...0xFF_FFFF, using: &random)
        guard bits & 0xF < 14, Decoder.decode(bits, at: 0).operation == .undefined else { return nil }
        // Of 16 bits, the first two bytes are the same whatever follows.
        return Item(parts: [.bits(bits & 0xF < 8 ? bits : bits & 0xFFFF)])
    }

    /// Never part of any.
    static let leftOut: Set<LX106.Operation> = [
        .simcall, .waiti, .rer, .wer, .ritlb0, .iitlb, .pitlb, .witlb, .ritlb1, .rdtlb0, .idtlb, .pdtlb, .wdtlb,
        .rdtlb1,
    ]

    private static func isLeftOut(_ instruction: Instruction) -> Bool {
        if leftOut.contains(instruction.operation) { return true }
        return switch instruction.operation {
        case .slli: instruction.immediate == 32
        case .rfi: !(2...3).contains(instruction.s)
        case .rsr, .wsr, .xsr:
            switch SpecialRegister(rawValue: UInt8(truncatingIfNeeded: instruction.immediate)) {
            case .ccount, .ccompare0, .icount, .icountlevel, .ibreakenable, .ibreaka0, .dbreaka0, .dbreakc0, .prid: true
            case .vecbase, .excsave2, .excsave3, .litbase, .epc3, .configid0, .debugcause: instruction.operation != .rsr
            case .mmid: true
            default: false
            }
        default: false
        }
    }

    // MARK: - Where it stands

    /// Gives every part its place, and those that lead somewhere their distance.
    ///
    /// - Returns: Where it begins.
    private mutating func lay() -> UInt32 {
        let entry = slot + UInt32(Self.literalBytes) + .random(in: 0...3, using: &random)
        var starts: [UInt32] = []
        var address = entry
        for item in items {
            starts.append(address)
            for part in item.parts { address += Self.length(part, at: address) }
        }
        literals[0] = starts[tail]
        ends = Array(starts[tail...])
        let finish = address
        var code: [UInt8] = []
        for item in items {
            for part in item.parts {
                code += made(part, at: entry + UInt32(code.count)) { $0 < starts.count ? starts[$0] : finish }
            }
        }
        code += Self.leaving
        bytes =
            literals.flatMap(\.littleEndianBytes)
            + Array(repeating: 0, count: Int(entry - slot) - literals.count * 4) + code
        precondition(bytes.count <= Self.slotBytes, "\(seed) takes \(bytes.count) bytes")
        return entry
    }

    /// To `finish` in the driver.
    private static let leaving = [
        Assembly.bits(.xsr, t: 0, UInt32(SpecialRegister.excsave2.rawValue)), Assembly.bits(.movi, t: 0, 1),
        Assembly.bits(.slli, r: 0, s: 0, 30), Assembly.bits(.addmi, s: 0, t: 0, 0x500), Assembly.bits(.jx, s: 0),
    ].flatMap { Assembly.bytes($0) }

    /// By the address's last two bits: none, or `nop` and `nop.n`.
    private static let padding: [[UInt8]] = {
        let (wide, narrow) = (Assembly.bytes(Assembly.bits(.nop)), Assembly.bytes(Assembly.bits(.nopN)))
        return [[], wide, narrow, wide + narrow]
    }()

    private static func length(_ part: Part, at address: UInt32) -> UInt32 {
        switch part {
        case .bits(let bits), .lead(let bits, _): UInt32(Decoder.length(first: UInt8(truncatingIfNeeded: bits)))
        case .literal: 3
        case .align: UInt32(padding[Int(address & 3)].count)
        }
    }

    private func made(_ part: Part, at address: UInt32, start: (Int) -> UInt32) -> [UInt8] {
        switch part {
        case .bits(let bits): return Assembly.bytes(bits)
        case .align: return Self.padding[Int(address & 3)]
        case .literal(let register, let index):
            let place = slot + UInt32(index * 4)
            guard litbase & 1 != 0 else { return Assembly.bytes(Assembly.bits(.l32r, t: register, place, at: address)) }
            return Assembly.bytes(register << 4 | ((place &- litbase & ~0xFFF) & 0x3FFFC) << 6 | 1)
        case .lead(let bits, let item):
            let found = Decoder.decode(bits, at: address)
            let target = start(item < 0 ? tail : item)
            let (s, t) = (UInt32(found.s), UInt32(found.t))
            let reach: ClosedRange<Int64> = found.length == 2 ? 4...67 : -124...131
            let isFar = found.operation == .j || found.operation == .call0
            guard isFar || reach.contains(Int64(target) - Int64(address)) else {
                return Assembly.bytes(Assembly.bits(found.length == 2 ? .nopN : .nop))
            }
            return Assembly.bytes(
                Assembly.bits(found.operation, r: UInt32(found.r), s: s, t: t, target, at: address))
        }
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

extension Encoding {
    /// Whether the operand is an address that is coded as a distance.
    fileprivate var isRelative: Bool {
        switch self {
        case .jump, .branchOnZero, .branchOnConstant, .branch, .branchOnBit, .narrowBranch: true
        default: false
        }
    }
}

extension Instruction {
    /// The address register that it writes.
    fileprivate var target: UInt8? {
        switch operation {
        case .and, .or, .xor, .add, .addx2, .addx4, .addx8, .sub, .subx2, .subx4, .subx8, .neg, .abs, .slli, .srai,
            .srli, .src, .srl, .sll, .sra, .extui, .mul16u, .mul16s, .mull, .moveqz, .movnez, .movltz, .movgez, .addN,
            .addiN:
            r
        case .nsa, .nsau, .movi, .addi, .addmi, .l8ui, .l16ui, .l16si, .l32i, .l32r, .rsr, .wsr, .xsr, .rsil, .movN,
            .l32iN:
            t
        case .moviN: s
        default: nil
        }
    }

    /// How many bytes it loads or stores.
    fileprivate var width: UInt32 {
        switch operation {
        case .l8ui, .s8i: 1
        case .l16ui, .l16si, .s16i: 2
        default: 4
        }
    }
}
