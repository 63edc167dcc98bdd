/// The inner loop: one switch over the instructions, on pointers alone.
///
/// Nothing in here allocates, counts references or checks exclusivity; what cannot be done on registers and mapped memory is
/// left to functions that are not inlined. A block runs without a look at anything else: what changes where it goes on ends a
/// block when it is decoded, or is found by those functions.
extension Processor {
    /// Runs blocks until `state.limit` is reached.
    ///
    /// - Parameter first: The block to begin with; nil for that at `pc`.
    /// - Returns: Nil when it left at the limit.
    @inline(never)
    func execute(_ first: CodeCache.Slots?) -> Stop? {
        let (a, state) = (registers, state)
        let starts = memory.code.starts
        let slots = memory.code.slots
        let (loads, narrowLoads) = (memory.loads, memory.narrowLoads)
        let (stores, narrowStores) = (memory.stores, memory.narrowStores)
        let (constants, unsignedConstants) = (constants, constants + 16)
        var pc = state.pointee.pc
        var cycles = state.pointee.cycles
        var given = first

        blocks: while true {
            let start: CodeCache.Slots
            if let block = given {
                (start, given) = (block, nil)
            } else {
                guard cycles < state.pointee.limit else { break }
                let page = Int((pc &- AddressSpace.first) >> 12)
                if page < AddressSpace.pages, let table = starts[page], table[Int(pc & 0xFFF)] != 0 {
                    start = slots + Int(table[Int(pc & 0xFFF)])
                } else {
                    state.pointee.cycles = cycles
                    switch begin(pc) {
                    case .slots(let block): start = block
                    case .elsewhere:
                        pc = state.pointee.pc
                        cycles &+= 1
                        continue blocks
                    case .stop(let reason): return reason
                    }
                }
            }
            var ip = start
            while true {
                let i = ip.pointee
                ip += 1
                switch i.operation {
                case .and:
                    a[Int(i.r)] = a[Int(i.s)] & a[Int(i.t)]
                case .or:
                    a[Int(i.r)] = a[Int(i.s)] | a[Int(i.t)]
                case .xor:
                    a[Int(i.r)] = a[Int(i.s)] ^ a[Int(i.t)]
                case .add, .addN:
                    a[Int(i.r)] = a[Int(i.s)] &+ a[Int(i.t)]
                case .addx2:
                    a[Int(i.r)] = a[Int(i.s)] << 1 &+ a[Int(i.t)]
                case .addx4:
                    a[Int(i.r)] = a[Int(i.s)] << 2 &+ a[Int(i.t)]
                case .addx8:
                    a[Int(i.r)] = a[Int(i.s)] << 3 &+ a[Int(i.t)]
                case .sub:
                    a[Int(i.r)] = a[Int(i.s)] &- a[Int(i.t)]
                case .subx2:
                    a[Int(i.r)] = a[Int(i.s)] << 1 &- a[Int(i.t)]
                case .subx4:
                    a[Int(i.r)] = a[Int(i.s)] << 2 &- a[Int(i.t)]
                case .subx8:
                    a[Int(i.r)] = a[Int(i.s)] << 3 &- a[Int(i.t)]
                case .neg:
                    a[Int(i.r)] = 0 &- a[Int(i.t)]
                case .abs:
                    a[Int(i.r)] = Int32(bitPattern: a[Int(i.t)]) < 0 ? 0 &- a[Int(i.t)] : a[Int(i.t)]
                case .slli:
                    a[Int(i.r)] = a[Int(i.s)] << i.immediate
                case .srai:
                    a[Int(i.r)] = UInt32(bitPattern: Int32(bitPattern: a[Int(i.t)]) &>> Int32(bitPattern: i.immediate))
                case .srli:
                    a[Int(i.r)] = a[Int(i.t)] &>> i.immediate
                case .src:
                    a[Int(i.r)] = UInt32(
                        truncatingIfNeeded: (UInt64(a[Int(i.s)]) << 32 | UInt64(a[Int(i.t)]))
                            &>> UInt64(state.pointee.sar))
                case .srl:
                    a[Int(i.r)] = UInt32(truncatingIfNeeded: UInt64(a[Int(i.t)]) &>> UInt64(state.pointee.sar))
                case .sll:
                    a[Int(i.r)] = UInt32(
                        truncatingIfNeeded: UInt64(a[Int(i.s)]) &<< UInt64(32 &- state.pointee.sar & 63))
                case .sra:
                    a[Int(i.r)] = UInt32(
                        truncatingIfNeeded: Int64(Int32(bitPattern: a[Int(i.t)])) &>> Int64(state.pointee.sar))
                case .extui:
                    a[Int(i.r)] = a[Int(i.t)] &>> UInt32(i.s) & i.immediate
                case .mul16u:
                    a[Int(i.r)] = (a[Int(i.s)] & 0xFFFF) &* (a[Int(i.t)] & 0xFFFF)
                case .mul16s:
                    a[Int(i.r)] = UInt32(
                        bitPattern: Int32(Int16(truncatingIfNeeded: a[Int(i.s)]))
                            &* Int32(Int16(truncatingIfNeeded: a[Int(i.t)])))
                case .mull:
                    a[Int(i.r)] = a[Int(i.s)] &* a[Int(i.t)]
                case .nsa:
                    a[Int(i.t)] = UInt32(
                        (a[Int(i.s)] ^ UInt32(bitPattern: Int32(bitPattern: a[Int(i.s)]) >> 31)).leadingZeroBitCount - 1
                    )
                case .nsau:
                    a[Int(i.t)] = UInt32(a[Int(i.s)].leadingZeroBitCount)
                case .ssr:
                    state.pointee.sar = a[Int(i.s)] & 31
                case .ssl:
                    state.pointee.sar = 32 &- (a[Int(i.s)] & 31)
                case .ssa8l:
                    state.pointee.sar = (a[Int(i.s)] & 3) << 3
                case .ssa8b:
                    state.pointee.sar = 32 &- (a[Int(i.s)] & 3) << 3
                case .ssai:
                    state.pointee.sar = i.immediate
                case .moveqz:
                    if a[Int(i.t)] == 0 { a[Int(i.r)] = a[Int(i.s)] }
                case .movnez:
                    if a[Int(i.t)] != 0 { a[Int(i.r)] = a[Int(i.s)] }
                case .movltz:
                    if Int32(bitPattern: a[Int(i.t)]) < 0 { a[Int(i.r)] = a[Int(i.s)] }
                case .movgez:
                    if Int32(bitPattern: a[Int(i.t)]) >= 0 { a[Int(i.r)] = a[Int(i.s)] }
                case .movi:
                    a[Int(i.t)] = i.immediate
                case .moviN:
                    a[Int(i.s)] = i.immediate
                case .movN:
                    a[Int(i.t)] = a[Int(i.s)]
                case .addi, .addmi:
                    a[Int(i.t)] = a[Int(i.s)] &+ i.immediate
                case .addiN:
                    a[Int(i.r)] = a[Int(i.s)] &+ i.immediate

                case .l8ui:
                    let address = a[Int(i.s)] &+ i.immediate
                    if let place = Self.place(address, narrowLoads) {
                        a[Int(i.t)] = UInt32(place.load(as: UInt8.self))
                    } else {
                        state.pointee.cycles = cycles &+ (ip - start)
                        guard load(i, address, .byte, from: ip, in: start) else {
                            (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                            continue blocks
                        }
                    }
                case .l16ui:
                    let address = a[Int(i.s)] &+ i.immediate
                    if address & 1 == 0, let place = Self.place(address, narrowLoads) {
                        a[Int(i.t)] = UInt32(place.load(as: UInt16.self))
                    } else {
                        state.pointee.cycles = cycles &+ (ip - start)
                        guard load(i, address, .half, from: ip, in: start) else {
                            (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                            continue blocks
                        }
                    }
                case .l16si:
                    let address = a[Int(i.s)] &+ i.immediate
                    if address & 1 == 0, let place = Self.place(address, narrowLoads) {
                        a[Int(i.t)] = UInt32(bitPattern: Int32(place.load(as: Int16.self)))
                    } else {
                        state.pointee.cycles = cycles &+ (ip - start)
                        guard load(i, address, .half, from: ip, in: start) else {
                            (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                            continue blocks
                        }
                    }
                case .l32i, .l32iN:
                    let address = a[Int(i.s)] &+ i.immediate
                    if address & 3 == 0, let place = Self.place(address, loads) {
                        a[Int(i.t)] = place.load(as: UInt32.self)
                    } else {
                        state.pointee.cycles = cycles &+ (ip - start)
                        guard load(i, address, .word, from: ip, in: start) else {
                            (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                            continue blocks
                        }
                    }
                case .l32r:
                    let address = i.immediate
                    if let place = Self.place(address, loads) {
                        a[Int(i.t)] = place.load(as: UInt32.self)
                    } else {
                        state.pointee.cycles = cycles &+ (ip - start)
                        guard load(i, address, .word, from: ip, in: start) else {
                            (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                            continue blocks
                        }
                    }
                case .s8i:
                    let address = a[Int(i.s)] &+ i.immediate
                    if let place = Self.place(address, narrowStores) {
                        place.storeBytes(of: UInt8(truncatingIfNeeded: a[Int(i.t)]), as: UInt8.self)
                    } else {
                        state.pointee.cycles = cycles &+ (ip - start)
                        guard store(i, address, .byte, from: ip, in: start) else {
                            (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                            continue blocks
                        }
                    }
                case .s16i:
                    let address = a[Int(i.s)] &+ i.immediate
                    if address & 1 == 0, let place = Self.place(address, narrowStores) {
                        place.storeBytes(of: UInt16(truncatingIfNeeded: a[Int(i.t)]), as: UInt16.self)
                    } else {
                        state.pointee.cycles = cycles &+ (ip - start)
                        guard store(i, address, .half, from: ip, in: start) else {
                            (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                            continue blocks
                        }
                    }
                case .s32i, .s32iN:
                    let address = a[Int(i.s)] &+ i.immediate
                    if address & 3 == 0, let place = Self.place(address, stores) {
                        place.storeBytes(of: a[Int(i.t)], as: UInt32.self)
                    } else {
                        state.pointee.cycles = cycles &+ (ip - start)
                        guard store(i, address, .word, from: ip, in: start) else {
                            (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                            continue blocks
                        }
                    }

                case .beqz, .beqzN:
                    if a[Int(i.s)] == 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bnez, .bnezN:
                    if a[Int(i.s)] != 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bltz:
                    if Int32(bitPattern: a[Int(i.s)]) < 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bgez:
                    if Int32(bitPattern: a[Int(i.s)]) >= 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .beqi:
                    if a[Int(i.s)] == constants[Int(i.r)] {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bnei:
                    if a[Int(i.s)] != constants[Int(i.r)] {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .blti:
                    if Int32(bitPattern: a[Int(i.s)]) < Int32(bitPattern: constants[Int(i.r)]) {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bgei:
                    if Int32(bitPattern: a[Int(i.s)]) >= Int32(bitPattern: constants[Int(i.r)]) {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bltui:
                    if a[Int(i.s)] < unsignedConstants[Int(i.r)] {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bgeui:
                    if a[Int(i.s)] >= unsignedConstants[Int(i.r)] {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bnone:
                    if a[Int(i.s)] & a[Int(i.t)] == 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bany:
                    if a[Int(i.s)] & a[Int(i.t)] != 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .ball:
                    if ~a[Int(i.s)] & a[Int(i.t)] == 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bnall:
                    if ~a[Int(i.s)] & a[Int(i.t)] != 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .beq:
                    if a[Int(i.s)] == a[Int(i.t)] {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bne:
                    if a[Int(i.s)] != a[Int(i.t)] {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .blt:
                    if Int32(bitPattern: a[Int(i.s)]) < Int32(bitPattern: a[Int(i.t)]) {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bge:
                    if Int32(bitPattern: a[Int(i.s)]) >= Int32(bitPattern: a[Int(i.t)]) {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bltu:
                    if a[Int(i.s)] < a[Int(i.t)] {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bgeu:
                    if a[Int(i.s)] >= a[Int(i.t)] {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bbc:
                    if a[Int(i.s)] &>> a[Int(i.t)] & 1 == 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bbs:
                    if a[Int(i.s)] &>> a[Int(i.t)] & 1 != 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bbci:
                    if a[Int(i.s)] &>> UInt32(i.t) & 1 == 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .bbsi:
                    if a[Int(i.s)] &>> UInt32(i.t) & 1 != 0 {
                        cycles &+= ip - start
                        pc = i.immediate
                        continue blocks
                    }
                case .j:
                    cycles &+= ip - start
                    pc = i.immediate
                    continue blocks
                case .jx:
                    cycles &+= ip - start
                    pc = a[Int(i.s)]
                    continue blocks
                case .ret, .retN:
                    cycles &+= ip - start
                    pc = a[0]
                    continue blocks
                case .call0:
                    a[0] = ip.pointee.immediate
                    cycles &+= ip - start
                    pc = i.immediate
                    continue blocks
                case .callx0:
                    pc = a[Int(i.s)]
                    a[0] = ip.pointee.immediate
                    cycles &+= ip - start
                    continue blocks

                case .goOn:
                    cycles &+= ip - start - 1
                    pc = i.immediate
                    continue blocks
                case .nop, .nopN, .isync, .rsync, .esync, .dsync, .memw, .extw, .excw, .rer, .wer, .iitlb,
                    .pitlb, .witlb, .idtlb, .pdtlb, .wdtlb, .note:
                    break
                case .ritlb0, .ritlb1, .rdtlb0, .rdtlb1:
                    a[Int(i.t)] = 0
                case .rsr, .wsr, .xsr, .rsil:
                    state.pointee.cycles = cycles &+ (ip - start)
                    special(i)
                case .waiti, .rfe, .rfde, .rfi, .rfdo, .rfdd, .ill, .illN, .break, .breakN, .syscall, .simcall,
                    .undefined:
                    state.pointee.cycles = cycles &+ (ip - start)
                    turn(i, from: ip, in: start)
                    (pc, cycles) = (state.pointee.pc, state.pointee.cycles)
                    continue blocks
                }
            }
        }
        (state.pointee.pc, state.pointee.cycles) = (pc, cycles)
        return nil
    }

    /// Where a mapped address stands in the host's memory; nil where the table has none.
    @inline(__always)
    private static func place(_ address: UInt32, _ table: AddressSpace.Table) -> UnsafeMutableRawPointer? {
        let page = Int((address &- AddressSpace.first) >> 12)
        guard page < AddressSpace.pages, let memory = table[page] else { return nil }
        return memory + Int(address & 0xFFF)
    }
}
