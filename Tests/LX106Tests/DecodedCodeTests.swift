import Testing

@testable import LX106

/// Code that changes after it was decoded.
@Suite struct DecodedCodeTests {
    private static let nop = Assembly.bits(.nop)

    private static func movi(_ register: UInt32, _ value: UInt32) -> UInt32 { Assembly.bits(.movi, t: register, value) }

    @Test("a store into decoded code counts from the next instruction on")
    func stores() {
        // s32i over the two instructions behind it, then isync and those.
        for barrier in [Assembly.bits(.isync), Self.nop] {
            let program = [Assembly.bits(.s32i, s: 5, t: 6), Self.nop, barrier, Self.movi(4, 1), Self.nop, Self.nop]
            let (machine, cpu) = Machine.running(program)
            // At 9 to 11 stands the movi; words are aligned, so 8 belongs to the barrier.
            let last = Assembly.bytes(barrier)[2]
            cpu[5] = Machine.code + 8
            cpu[6] = Self.movi(4, 2) << 8 | UInt32(last)
            #expect(cpu.run(for: 4) == .budget)
            #expect((cpu[4], cpu.pc) == (2, Machine.code + 12))
            #expect(machine.read(3, at: Machine.code + 9) == Assembly.bytes(Self.movi(4, 2)))
        }
    }

    @Test("a store into the next page counts for the block that reaches over, and into the page before, too")
    func pageEnds() {
        let (machine, cpu) = Machine.running([])
        // movi at 0xFFE to 0x1000, so its last byte, the value, is in the next page; then a jump back.
        let start = Machine.code + 0xFFE
        machine.write(Assembly.bytes(Self.movi(4, 1)), at: start)
        machine.write(Assembly.bytes(Assembly.bits(.jx, s: 7)), at: start + 3)
        // And one that stores, elsewhere.
        let store = Machine.code + 0x200
        machine.write(
            Assembly.bytes(Assembly.bits(.s32i, s: 5, t: 6)) + Assembly.bytes(Assembly.bits(.jx, s: 7)), at: store)
        func value(after next: UInt32) -> UInt32 {
            cpu.pc = next
            cpu[7] = start
            _ = cpu.run(for: next == start ? 1 : 3)
            return cpu[4]
        }
        let rest = machine.word(at: Machine.code + 0x1000) & ~0xFF
        #expect(value(after: start) == 1)
        (cpu[5], cpu[6]) = (Machine.code + 0x1000, rest | 2)
        #expect(value(after: store) == 2)
        // What forgets the page before must not lose that its own block reaches over.
        (cpu[5], cpu[6]) = (Machine.code + 0x1004, machine.word(at: Machine.code + 0x1004))
        #expect(value(after: store) == 2)
        (cpu[5], cpu[6]) = (Machine.code + 0x1000, rest | 3)
        #expect(value(after: store) == 3)
        // By others.
        machine.write([4], at: Machine.code + 0x1000)
        #expect(value(after: start) == 4)
    }

    @Test("of three pages with blocks that reach over, a store into the last one leaves the first one watched")
    func threePages() {
        let (machine, cpu) = Machine.running([])
        let (first, second) = (Machine.code + 0xFFE, Machine.code + 0x1FFE)
        for start in [first, second] {
            machine.write(Assembly.bytes(Self.movi(4, 1)), at: start)
            machine.write(Assembly.bytes(Self.nop), at: start + 3)
            cpu.pc = start
            #expect(cpu.run(for: 1) == .budget)
        }
        machine.write([2], at: Machine.code + 0x2000)
        machine.write([3], at: Machine.code + 0x1000)
        for (start, expected) in [(first, 3), (second, 2)] as [(UInt32, UInt32)] {
            cpu.pc = start
            #expect(cpu.run(for: 1) == .budget)
            #expect(cpu[4] == expected)
        }
    }

    @Test("data beside code in a page is stored fast again once nothing is decoded there")
    func watched() {
        let jump = Assembly.bits(.j, Machine.code, at: Machine.code + 3)
        let (machine, cpu) = Machine.running([Assembly.bits(.s32i, s: 5, t: 6), jump])
        let table = machine.memory.stores
        let page = Int((Machine.code - AddressSpace.first) / AddressSpace.pageBytes)
        cpu[5] = Machine.code + 0x800
        #expect(cpu.run(for: 10) == .budget)
        #expect(table[page] == nil)
        // Nothing is decoded anywhere now; the first store finds that, from code in another page.
        machine.write(Assembly.bytes(Assembly.bits(.s32i, s: 5, t: 6)), at: Machine.code + 0x1000)
        cpu.setBreakpoint(Machine.data, true)
        cpu.pc = Machine.code + 0x1000
        #expect(cpu.run(for: 1) == .budget)
        #expect(table[page] != nil)
        #expect(table[page + 1] == nil)
    }

    @Test("code that ends with the memory is run up to there")
    func memoryEnd() {
        let (machine, cpu) = Machine.running([])
        let end = Machine.code + 0x4000
        machine.write(Assembly.bytes(Self.movi(4, 9)), at: end - 3)
        cpu.pc = end - 3
        #expect(cpu.run(for: 2) == .budget)
        #expect(
            cpu.raised
                == .init(pc: Machine.vectors + 0x30, ps: 0x10, cause: .instructionFetch, epc1: end, address: end))
        #expect(cpu[4] == 9)
        // One that reaches over the end is not run at all.
        machine.write(Assembly.bytes(Self.movi(4, 8)).dropLast(), at: end - 2)
        cpu.pc = end - 2
        #expect(cpu.run(for: 1) == .budget)
        #expect((cpu[.depc], cpu[4]) == (end - 2, 9))
    }

    @Test("the last addresses that can be mapped are run as any, and what is none there as well")
    func last() {
        let machine = Machine()
        machine.map(0x402F_F000, count: 0x1000, [.execute])
        machine.write([0x0D, 0x10], at: 0x402F_FFFE)
        let cpu = Processor(memory: machine.memory, pc: 0x402F_FFFE)
        cpu[.ps] = 0
        #expect(cpu.run(for: 1) == .budget)
        #expect((cpu[.exccause], cpu[.epc1]) == (0, 0x402F_FFFE))
    }

    @Test("more code than the cache holds is decoded anew")
    func overflow() {
        let machine = Machine(codeCapacity: 1000)
        machine.map(Machine.code, count: 0x4000, [.execute])
        // Each jump leads three bytes on: blocks of three slots, three times as many as there is room for.
        var code: [UInt8] = []
        for index in 0..<UInt32(1000) {
            let place = Machine.code + index * 3
            code += Assembly.bytes(Assembly.bits(.j, index == 999 ? Machine.code : place + 3, at: place))
        }
        machine.write(code, at: Machine.code)
        let cpu = Processor(memory: machine.memory, pc: Machine.code)
        for (budget, place) in [(1000, 0), (1000, 0), (1999, 999), (1, 0), (333, 333)] as [(Int, UInt32)] {
            #expect(cpu.run(for: budget) == .budget)
            #expect(cpu.pc == Machine.code + place * 3)
        }
        #expect(cpu.cycles == 4333)
    }

    @Test("a page that is mapped anew has its new code")
    func remapped() {
        let (machine, cpu) = Machine.running([Self.movi(4, 1)])
        #expect(cpu.run(for: 1) == .budget)
        machine.map(Machine.code, count: 0x1000, [.execute], Assembly.bytes(Self.movi(4, 2)))
        cpu.pc = Machine.code
        #expect(cpu.run(for: 1) == .budget)
        #expect(cpu[4] == 2)
        machine.memory.unmap(Machine.code, count: 0x1000)
        cpu.pc = Machine.code
        #expect(cpu.run(for: 1) == .budget)
        #expect(cpu[.exccause] == ExceptionCause.instructionFetch.rawValue)
    }
}
