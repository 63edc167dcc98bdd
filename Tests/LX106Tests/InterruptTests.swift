import Testing

@testable import LX106

@Suite struct InterruptTests {
    private static let nops = Array(repeating: Assembly.bits(.nop), count: 200)
    private static let kernel = Machine.vectors + 0x30

    @Test("a line is let in between two instructions when INTENABLE, INTLEVEL and EXCM allow it")
    func masks() {
        for (enabled, ps, isTaken) in [
            (Interrupt.uart, 0, true), (0, 0, false), (~Interrupt.uart, 0, false), (Interrupt.uart, 1, false),
            (Interrupt.uart, 0x10, false), (Interrupt.uart, 0x20, true),
        ] as [(UInt32, UInt32, Bool)] {
            let (_, cpu) = Machine.running(Self.nops)
            cpu[.intenable] = enabled
            cpu[.ps] = ps
            #expect(cpu.run(for: 10) == .budget)
            cpu.setInterrupt(Interrupt.uart, true)
            #expect(cpu[.interrupt] == Interrupt.uart)
            #expect(cpu.run(for: 0) == .budget)
            let vector = Machine.vectors + (ps & 0x20 == 0 ? 0x30 : 0x50)
            let expected = Processor.Raised(
                pc: isTaken ? vector : Machine.code + 30, ps: isTaken ? ps | 0x10 : ps,
                cause: isTaken ? .level1Interrupt : .illegalInstruction, epc1: isTaken ? Machine.code + 30 : 0)
            #expect(cpu.raised == expected)
            #expect(cpu.cycles == 10)
        }
    }

    @Test("lines of levels are pending while they are active, those of edges until they are cleared")
    func kinds() {
        let (_, cpu) = Machine.running(Self.nops)
        let lines = Interrupt.uart | Interrupt.watchdog
        cpu.setInterrupt(lines, true)
        cpu[.intclear] = ~0
        #expect(cpu[.interrupt] == Interrupt.uart)
        // No new edge.
        cpu.setInterrupt(lines, true)
        #expect(cpu[.interrupt] == Interrupt.uart)
        cpu.setInterrupt(lines, false)
        #expect(cpu[.interrupt] == 0)
        cpu.setInterrupt(lines, true)
        cpu.setInterrupt(lines, false)
        #expect(cpu[.interrupt] == Interrupt.watchdog)
        cpu[.interrupt] = ~0
        #expect(cpu[.interrupt] == Interrupt.watchdog | Interrupt.software)
        cpu[.intclear] = ~0
        #expect(cpu[.interrupt] == 0)
    }

    @Test("the NMI comes whatever is masked below its level, once for each edge")
    func nmi() {
        let (_, cpu) = Machine.running(Self.nops)
        cpu[.ps] = 0x32
        cpu.setInterrupt(Interrupt.nmi, true)
        #expect(cpu.run(for: 0) == .budget)
        #expect(cpu.pc == Machine.vectors + 0x20)
        #expect([cpu[.ps], cpu[.eps3], cpu[.epc3], cpu[.interrupt]] == [0x33, 0x32, Machine.code, 0])
        cpu.setInterrupt(Interrupt.nmi, false)
        cpu.setInterrupt(Interrupt.nmi, true)
        #expect(cpu.run(for: 0) == .budget)
        #expect(cpu[.epc3] == Machine.code)
        cpu[.ps] = 0x32
        #expect(cpu.run(for: 0) == .budget)
        #expect(cpu[.epc3] == Machine.vectors + 0x20)
    }

    @Test("the timer comes at the cycle at which CCOUNT is CCOMPARE0, and a write of that clears it")
    func timer() {
        for due in [1, 2, 37, 63, 64, 65, 130] {
            let (_, cpu) = Machine.running(Self.nops)
            cpu[.ccount] = 0xFFFF_FFF0
            cpu[.ccompare0] = 0xFFFF_FFF0 &+ UInt32(due)
            cpu[.intenable] = Interrupt.timer
            #expect(cpu.run(for: due) == .budget)
            #expect((cpu.cycles, cpu.pc) == (due, Self.kernel))
            #expect(
                cpu.raised
                    == .init(
                        pc: Self.kernel, ps: 0x10, cause: .level1Interrupt, epc1: Machine.code + UInt32(3 * due)))
            #expect(cpu[.interrupt] == Interrupt.timer)
            #expect(cpu[.ccount] == 0xFFFF_FFF0 &+ UInt32(due))
            cpu[.ccompare0] = 5
            #expect(cpu[.interrupt] == 0)
        }
    }

    @Test("a program that writes CCOMPARE0 itself is interrupted so many instructions later")
    func ownTimer() {
        let read = Assembly.bits(.rsr, t: 4, UInt32(SpecialRegister.ccount.rawValue))
        let write = Assembly.bits(.wsr, t: 4, UInt32(SpecialRegister.ccompare0.rawValue))
        let (_, cpu) = Machine.running([read, Assembly.bits(.addi, s: 4, t: 4, 9), write] + Self.nops)
        cpu[.intenable] = Interrupt.timer
        #expect(cpu.run(for: 10) == .budget)
        // CCOUNT was 1 after the instruction that has read it.
        #expect((cpu[4], cpu[.epc1], cpu.pc) == (10, Machine.code + 30, Self.kernel))
    }

    @Test("waiti waits for a line, for the timer, and for the end of its cycles")
    func waiting() {
        let (_, cpu) = Machine.running([Assembly.bits(.waiti, s: 0)] + Self.nops)
        cpu[.intenable] = Interrupt.timer | Interrupt.gpio
        #expect(cpu.run(for: 1000) == .waiting)
        #expect((cpu.cycles, cpu.pc) == (1, Machine.code + 3))
        cpu.setInterrupt(Interrupt.uart, true)
        #expect(cpu.run(for: 1000) == .waiting)
        cpu.setInterrupt(Interrupt.gpio, true)
        #expect(cpu.run(for: 0) == .budget)
        #expect((cpu.cycles, cpu.pc, cpu[.epc1]) == (1, Self.kernel, Machine.code + 3))
        cpu.setInterrupt(Interrupt.gpio, false)

        cpu.pc = Machine.code
        cpu[.ps] = 0
        cpu[.ccompare0] = cpu[.ccount] + 500
        #expect(cpu.run(for: 400) == .waiting)
        #expect(cpu.cycles == 2)
        cpu.spend(cycles: 400)
        #expect(cpu.run(for: 99) == .budget)
        #expect((cpu.cycles, cpu.pc) == (501, Self.kernel))
    }

    @Test("a higher level that waiti sets keeps lines out, and a step waits as well")
    func waitingMasked() {
        let (_, cpu) = Machine.running([Assembly.bits(.waiti, s: 1)] + Self.nops)
        cpu[.intenable] = Interrupt.gpio
        cpu.setInterrupt(Interrupt.gpio, true)
        cpu[.ps] = 1
        #expect(cpu.run(for: 10) == .waiting)
        #expect(cpu.step() == .waiting)
        #expect((cpu[.ps], cpu.pc) == (1, Machine.code + 3))
    }

    @Test("rsil and wsr.ps let in at once what is pending when they lower the level")
    func lowered() {
        let wsr = Assembly.bits(.wsr, t: 5, UInt32(SpecialRegister.ps.rawValue))
        for lower in [Assembly.bits(.rsil, s: 0, t: 4), wsr] {
            let program = [Assembly.bits(.rsil, s: 3, t: 4), Assembly.bits(.nop), lower] + Self.nops
            let (_, cpu) = Machine.running(program)
            cpu[.intenable] = Interrupt.uart
            cpu[.ps] = 1
            cpu.setInterrupt(Interrupt.uart, true)
            #expect(cpu.run(for: 3) == .budget)
            #expect(cpu.raised == .init(pc: Self.kernel, ps: 0x10, cause: .level1Interrupt, epc1: Machine.code + 9))
            #expect(cpu[4] == (lower == wsr ? 1 : 3))
        }
    }
}
