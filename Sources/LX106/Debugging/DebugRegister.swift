/// The registers that a debugger sees, in the order in which `g` and `G` have them; each takes four bytes, the lowest first.
///
/// Source: what QEMU's gdb server of `-M sim -cpu lx106` (7.2) reads and writes at each place, found by programs that read
/// the special registers:
///
/// | number | name |
/// |---|---|
/// | 0–15 | a0–a15 |
/// | 16 | pc |
/// | 17, 18 | sar, litbase |
/// | 19, 20 | configid0 (176), configid1 (208) |
/// | 21, 22 | ps, mmid |
/// | 23–27 | ibreakenable, ddr, ibreaka0, dbreaka0, dbreakc0 |
/// | 28–33 | epc1, epc2, epc3, depc, eps2, eps3 |
/// | 34–36 | excsave1, excsave2, excsave3 |
/// | 37–41 | interrupt, intset (the same), intclear, intenable, vecbase |
/// | 42–45 | exccause, debugcause, ccount, prid |
/// | 46–49 | icount, icountlevel, excvaddr, ccompare0 |
enum DebugRegister: Equatable {
    case address(Int)
    case pc
    case special(SpecialRegister)

    static let all: [DebugRegister] =
        (0..<16).map(DebugRegister.address) + [.pc]
        + [
            .sar, .litbase, .configid0, .configid1, .ps, .mmid, .ibreakenable, .ddr, .ibreaka0, .dbreaka0, .dbreakc0,
            .epc1, .epc2, .epc3, .depc, .eps2, .eps3, .excsave1, .excsave2, .excsave3, .interrupt, .interrupt,
            .intclear, .intenable, .vecbase, .exccause, .debugcause, .ccount, .prid, .icount, .icountlevel, .excvaddr,
            .ccompare0,
        ].map { DebugRegister.special($0) }
}

extension Processor {
    /// A write of what is there already does nothing; one to a register that only reads, neither.
    subscript(register: DebugRegister) -> UInt32 {
        get {
            switch register {
            case .address(let number): self[number]
            case .pc: pc
            case .special(let special): self[special]
            }
        }
        set {
            guard newValue != self[register] else { return }
            switch register {
            case .address(let number): self[number] = newValue
            case .pc: pc = newValue
            case .special(let special): self[special] = newValue
            }
        }
    }
}
