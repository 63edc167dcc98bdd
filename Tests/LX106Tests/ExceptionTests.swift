import Testing

@testable import LX106

@Suite struct ExceptionTests {
    private static let nop = Assembly.bits(.nop)

    @Test(
        "an exception goes to the kernel's vector, in user mode to the users', and within another one to the double one"
    )
    func vectors() {
        let syscall = [Self.nop, Assembly.bits(.syscall)]
        let place = Machine.code + 3
        for (ps, expected) in [
            (0, Processor.Raised(pc: Machine.vectors + 0x30, ps: 0x10, cause: .syscall, epc1: place)),
            (0x22, Processor.Raised(pc: Machine.vectors + 0x50, ps: 0x32, cause: .syscall, epc1: place)),
            (0x30, Processor.Raised(pc: Machine.vectors + 0x70, ps: 0x30, cause: .syscall, depc: place)),
        ] as [(UInt32, Processor.Raised)] {
            let (_, cpu) = Machine.running(syscall)
            cpu[.ps] = ps
            #expect(cpu.run(for: 2) == .budget)
            #expect(cpu.raised == expected)
            #expect(cpu.cycles == 2)
        }
    }

    @Test("an instruction that is none is illegal, simcall and those of a debugger among them")
    func illegal() {
        for bits in [0x000000, 0x4F_F000, 0xF06D, Assembly.bits(.simcall), Assembly.bits(.rfdo), Assembly.bits(.rfdd)] {
            let (_, cpu) = Machine.running([Self.nop, bits])
            #expect(cpu.run(for: 2) == .budget)
            let place = Machine.code + 3
            #expect(
                cpu.raised == .init(pc: Machine.vectors + 0x30, ps: 0x10, cause: .illegalInstruction, epc1: place),
                "\(String(bits, radix: 16))")
        }
    }

    @Test("loads and stores that cannot be say why and where, and change nothing")
    func accesses() {
        let (iram, dram): (UInt32, UInt32) = (Machine.code + 0x2000, Machine.data)
        let cases: [(LX106.Operation, UInt32, ExceptionCause?)] = [
            (.l8ui, iram, .loadStore), (.l16ui, iram, .loadStore), (.l16si, iram + 2, .loadStore), (.l32i, iram, nil),
            (.s8i, iram + 3, .loadStore), (.s16i, iram, .loadStore), (.s32i, iram, nil),
            (.l16ui, dram + 1, .loadStoreAlignment), (.l16si, dram + 3, .loadStoreAlignment),
            (.l32i, dram + 2, .loadStoreAlignment), (.s16i, dram + 1, .loadStoreAlignment),
            (.s32i, dram + 1, .loadStoreAlignment), (.l8ui, dram + 3, nil), (.s8i, dram + 1, nil),
            (.l32iN, iram + 1, .loadStoreAlignment), (.s32iN, iram + 3, .loadStoreAlignment),
            (.l32i, 0x3FF0_0000, .loadStore), (.s32i, 0x6000_0000, .loadStore), (.l8ui, 0x4030_0000, .loadStore),
            (.l32i, 0, .loadProhibited), (.s8i, 0x1FFF_FFFF, .storeProhibited), (.l32i, 0x2000_0000, .loadStore),
            (.l32i, 2, .loadStoreAlignment),
        ]
        for (operation, address, cause) in cases {
            let (_, cpu) = Machine.running([Self.nop, Assembly.bits(operation, s: 5, t: 6)])
            (cpu[5], cpu[6]) = (address, 0x8765_4321)
            #expect(cpu.run(for: 2) == .budget)
            if let cause {
                #expect(
                    cpu.raised
                        == .init(
                            pc: Machine.vectors + 0x30, ps: 0x10, cause: cause, epc1: Machine.code + 3,
                            address: address), "\(operation) \(address)")
                #expect(cpu[6] == 0x8765_4321)
            } else {
                #expect(cpu.pc == Machine.code + 3 + 3, "\(operation) \(address)")
            }
        }
    }

    @Test("what cannot be executed is refused where it is, and where nobody may go it is prohibited")
    func fetches() {
        for (address, cause) in [
            (0, .instructionFetchProhibited), (0x1FFF_FFFC, .instructionFetchProhibited),
            (Machine.data, .instructionFetch), (0x6000_0000, .instructionFetch), (0x4020_0001, .instructionFetch),
        ] as [(UInt32, ExceptionCause)] {
            let (_, cpu) = Machine.running([Assembly.bits(.jx, s: 5)])
            cpu[5] = address
            #expect(cpu.run(for: 2) == .budget)
            #expect(
                cpu.raised
                    == .init(pc: Machine.vectors + 0x30, ps: 0x10, cause: cause, epc1: address, address: address))
            #expect(cpu.cycles == 2)
        }
    }

    @Test("break goes to the debug vector below its level, and above does nothing")
    func breaks() {
        for (operation, cause, length) in [(.break, 8, 3), (.breakN, 16, 2)] as [(LX106.Operation, UInt32, UInt32)] {
            let (_, cpu) = Machine.running([Assembly.bits(operation)])
            cpu[.ps] = 0x21
            #expect(cpu.run(for: 1) == .budget)
            #expect(cpu.pc == Machine.vectors + 0x10)
            #expect([cpu[.ps], cpu[.eps2], cpu[.epc2], cpu[.debugcause]] == [0x32, 0x21, Machine.code, cause])
            cpu.pc = Machine.code
            #expect(cpu.run(for: 1) == .budget)
            #expect(cpu.pc == Machine.code + length)
        }
    }

    @Test("returns go back to where the exception was, with the status that was")
    func returns() {
        let (_, cpu) = Machine.running([Assembly.bits(.rfe), Assembly.bits(.rfde), Assembly.bits(.rfi, s: 2)])
        cpu[.ps] = 0x31
        cpu[.epc1] = Machine.code + 3
        cpu[.depc] = Machine.code + 6
        (cpu[.epc2], cpu[.eps2]) = (Machine.code + 0x100, 0x2F)
        #expect(cpu.run(for: 1) == .budget)
        #expect((cpu.pc, cpu[.ps]) == (Machine.code + 3, 0x21))
        #expect(cpu.run(for: 1) == .budget)
        #expect((cpu.pc, cpu[.ps]) == (Machine.code + 6, 0x21))
        #expect(cpu.run(for: 1) == .budget)
        #expect((cpu.pc, cpu[.ps]) == (Machine.code + 0x100, 0x2F))
    }
}
