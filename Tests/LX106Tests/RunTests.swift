import TestSupport
import Testing

@testable import LX106

@Suite struct RunTests {
    private static let nop = Assembly.bits(.nop)
    private static let jump = Assembly.bits(.j, Machine.code, at: Machine.code + 6)
    private static let register: UInt32 = 0x6000_0010

    @Test("a run spends its cycles exactly, however they are cut")
    func budget() {
        let (_, cpu) = Machine.running([Self.nop, Self.nop, Self.jump])
        var random = SeededRandom(seed: 1)
        var spent = 0
        for _ in 0..<300 {
            let budget = Int.random(in: 0...200, using: &random)
            #expect(cpu.run(for: budget) == .budget)
            spent += budget
            #expect((cpu.cycles, cpu.pc) == (spent, Machine.code + UInt32(spent % 3 * 3)))
        }
    }

    @Test("a trap page ends the run before its first instruction, mapped or not, decoded before or not")
    func traps() {
        let (machine, cpu) = Machine.running([Assembly.bits(.callx0, s: 5)])
        cpu[5] = Machine.code + 0x2000
        machine.write(Assembly.bytes(Assembly.bits(.ret)), at: Machine.code + 0x2000)
        #expect(cpu.run(for: 2) == .budget)
        #expect(cpu.pc == Machine.code + 3)
        machine.memory.trap(Machine.code + 0x2000, count: 0x1000)
        machine.memory.trap(0x4000_0000, count: 0x1000)
        for target in [Machine.code + 0x2000, 0x4000_0ABC] {
            cpu.pc = Machine.code
            cpu[5] = target
            #expect(cpu.run(for: 1000) == .trap(address: target))
            #expect((cpu.pc, cpu[0]) == (target, Machine.code + 3))
            #expect(cpu.step() == .trap(address: target))
        }
        #expect(cpu.cycles == 4)
    }

    @Test("a breakpoint ends the run before its instruction, in the midst of what was decoded before as well")
    func breakpoints() {
        let (_, cpu) = Machine.running([Self.nop, Self.nop, Self.jump])
        #expect(cpu.run(for: 30) == .budget)
        cpu.setBreakpoint(Machine.code + 3, true)
        #expect(cpu.run(for: 1000) == .breakpoint(address: Machine.code + 3))
        #expect(cpu.cycles == 31)
        #expect(cpu.run(for: 1000) == .breakpoint(address: Machine.code + 3))
        #expect(cpu.step() == .budget)
        #expect((cpu.pc, cpu.cycles) == (Machine.code + 6, 32))
        #expect(cpu.run(for: 1000) == .breakpoint(address: Machine.code + 3))
        #expect(cpu.cycles == 34)
        cpu.setBreakpoint(Machine.code + 3, false)
        #expect(cpu.run(for: 1000) == .budget)
        #expect(cpu.cycles == 1034)
    }

    @Test("steps take one instruction each, an exception or an interrupt among them")
    func steps() {
        let (_, cpu) = Machine.running([Assembly.bits(.moviN, s: 3, 7), Assembly.bits(.l32i, s: 5, t: 6), Self.nop])
        #expect(cpu.step() == .budget)
        #expect((cpu.pc, cpu[3], cpu.cycles) == (Machine.code + 2, 7, 1))
        cpu[5] = 1
        #expect(cpu.step() == .budget)
        #expect((cpu.pc, cpu[.exccause], cpu.cycles) == (Machine.vectors + 0x30, 9, 2))
        cpu.pc = Machine.code + 5
        cpu[.ps] = 0
        cpu[.intenable] = Interrupt.uart
        cpu.setInterrupt(Interrupt.uart, true)
        #expect(cpu.step() == .budget)
        #expect(cpu[.epc1] == Machine.code + 5)
    }

    @Test("peripherals are asked at the cycle of the instruction, with its width and value")
    func peripherals() {
        var asked: [String] = []
        let (machine, cpu) = Machine.running(
            [Self.nop, Assembly.bits(.l32i, s: 5, t: 6), Assembly.bits(.l16si, s: 5, t: 7, 2), Self.nop]
                + [Assembly.bits(.s8i, s: 5, t: 8, 1), Assembly.bits(.s32iN, s: 5, t: 8)])
        machine.onLoad = { [unowned cpu] address, width in
            asked.append("\(cpu.cycles) \(cpu.pc - Machine.code) load \(address - Self.register) \(width)")
            return width == .half ? 0x8001 : 0xFFEE_DDCC
        }
        machine.onStore = { [unowned cpu] value, address, width in
            asked.append("\(cpu.cycles) \(cpu.pc - Machine.code) store \(value) \(address - Self.register) \(width)")
            return true
        }
        (cpu[5], cpu[8]) = (Self.register, 0x1234)
        #expect(withExtendedLifetime(machine) { cpu.run(for: 6) } == .budget)
        #expect(
            asked == [
                "2 6 load 0 word", "3 9 load 2 half", "5 15 store 52 1 byte", "6 17 store 4660 0 word",
            ])
        #expect((cpu[6], cpu[7], cpu.cycles) == (0xFFEE_DDCC, 0xFFFF_8001, 6))
    }

    @Test("what a peripheral does to the CPU counts before the next instruction")
    func inMidRun() {
        let program = [Self.nop, Assembly.bits(.l32i, s: 5, t: 6)] + Array(repeating: Self.nop, count: 20)
        func run(_ action: @escaping (Processor) -> Void) -> (cpu: Processor, stop: Stop) {
            let (machine, cpu) = Machine.running(program)
            machine.onLoad = { [unowned cpu] _, _ in
                action(cpu)
                return 7
            }
            cpu[5] = Self.register
            cpu[.intenable] = Interrupt.uart
            return withExtendedLifetime(machine) { (cpu, cpu.run(for: 12)) }
        }
        var (cpu, stop) = run { $0.pause() }
        #expect((stop, cpu.pc, cpu.cycles, cpu[6]) == (.paused, Machine.code + 6, 2, 7))
        #expect(cpu.run(for: 10) == .budget)
        #expect((cpu.pc, cpu.cycles) == (Machine.code + 36, 12))

        (cpu, stop) = run { $0.spend(cycles: 4) }
        #expect((stop, cpu.pc, cpu.cycles) == (.budget, Machine.code + 24, 12))

        (cpu, stop) = run { $0.setInterrupt(Interrupt.uart, true) }
        #expect((cpu[.epc1], cpu[6]) == (Machine.code + 6, 7))

        (cpu, stop) = run { $0.reset(pc: Machine.code + 30) }
        #expect((stop, cpu.pc, cpu.cycles, cpu[5]) == (.budget, Machine.code + 60, 12, 0))
        #expect((cpu[.ps], cpu[.vecbase]) == (0x1F, 0x4000_0000))
    }

    @Test("literals are found relative to LITBASE while its lowest bit is set")
    func literals() {
        let (machine, cpu) = Machine.running([
            Assembly.bits(.l32r, t: 4, Machine.code - 4, at: Machine.code), Self.jump,
        ])
        machine.map(Machine.code - 0x1000, count: 0x1000, [])
        machine.write(UInt32(0x1111).littleEndianBytes, at: Machine.code - 4)
        machine.write(UInt32(0x2222).littleEndianBytes, at: Machine.data + 0x3000 - 4)
        #expect(cpu.run(for: 1) == .budget)
        #expect(cpu[4] == 0x1111)
        cpu.pc = Machine.code
        cpu[.litbase] = Machine.data + 0x3001
        #expect(cpu.run(for: 1) == .budget)
        #expect(cpu[4] == 0x2222)
        cpu.pc = Machine.code
        cpu[.litbase] = Machine.data + 0x3000
        #expect(cpu.run(for: 1) == .budget)
        #expect(cpu[4] == 0x1111)
    }
}
