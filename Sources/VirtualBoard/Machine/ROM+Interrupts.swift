import LX106

/// The handlers that a program has given to the ROM, and what they have interrupted.
struct InterruptDispatch {
    struct Handler {
        var address: UInt32
        var argument: UInt32
    }

    /// What the CPU was doing.
    struct Frame {
        var registers: [UInt32]
        var shift: UInt32
        var status: UInt32
        var pc: UInt32
        /// The lines that are still to be handled.
        var pending: UInt32
    }

    /// By the number of the line.
    var handlers: [Int: Handler] = [:]
    var frames: [Frame] = []
    /// Handlers of exceptions, by cause.
    var exceptionHandlers: [UInt32: UInt32] = [:]
    /// Where the frames stand that exceptions have left on the stack.
    var exceptionFrames: [UInt32] = []
    static let mostFrames = 32
}

extension ROM {
    static let interrupts: [Entry] = [
        (0x4000_0F88, "ets_isr_attach", { $0.attach(argument: $0.processor[4]) }),
        (0x4000_BD28, "_xtos_set_interrupt_handler_arg", { $0.attach(argument: $0.processor[4]) }),
        (0x4000_BD70, "_xtos_set_interrupt_handler", { $0.attach(argument: $0.processor[2]) }),
        (0x4000_0F98, "ets_isr_mask", { $0.letIn(clear: $0.processor[2]) }),
        (0x4000_BDA4, "_xtos_ints_off", { $0.letIn(clear: $0.processor[2]) }),
        (0x4000_0FA8, "ets_isr_unmask", { $0.letIn(set: $0.processor[2]) }),
        (0x4000_BD84, "_xtos_ints_on", { $0.letIn(set: $0.processor[2]) }),
        (
            0x4000_0F74, "ets_intr_lock",
            { machine in
                machine.processor[.ps] = machine.processor[.ps] & ~0xF | 3
                return .returns(nil)
            }
        ),
        (
            0x4000_0F80, "ets_intr_unlock",
            { machine in
                machine.processor[.ps] &= ~0xF
                return .returns(nil)
            }
        ),
        (0x4000_DBFC, "_xtos_set_intlevel", { $0.setLevel { _, wanted in wanted } }),
        (0x4000_DC18, "_xtos_set_min_intlevel", { $0.setLevel { max($0, $1) } }),
        (
            0x4000_056C, "_xtos_restore_intlevel",
            { machine in
                machine.processor[.ps] = machine.processor[2]
                return .returns(nil)
            }
        ),
        (0x4000_DD58, "xthal_get_interrupt", { .returns($0.processor[.interrupt]) }),
        (
            0x4000_DD60, "xthal_set_intclear",
            { machine in
                machine.processor[.intclear] = machine.processor[2]
                return .returns(nil)
            }
        ),
        (endOfHandler, "the end of a handler", { $0.nextHandler() }),
    ]
}

extension Machine {
    /// The room that the ROM takes on the stack for what it saves.
    static let frameBytes: UInt32 = 0x100

    fileprivate func attach(argument: UInt32) -> ROM.Outcome {
        let line = Int(processor[2] & 31)
        let before = interrupts.handlers[line]?.address ?? 0
        interrupts.handlers[line] = InterruptDispatch.Handler(address: processor[3], argument: argument)
        return .returns(before)
    }

    fileprivate func letIn(set: UInt32 = 0, clear: UInt32 = 0) -> ROM.Outcome {
        let before = processor[.intenable]
        processor[.intenable] = before & ~clear | set
        return .returns(before)
    }

    /// What interrupts must be above. Source: Cadence's `xtruntime.h`, which describes macros of the same names.
    ///
    /// - Parameter choose: Of the level that is and the one in a2.
    /// - Returns: The status before, which `_xtos_restore_intlevel` takes.
    fileprivate func setLevel(_ choose: (UInt32, UInt32) -> UInt32) -> ROM.Outcome {
        let before = processor[.ps]
        processor[.ps] = before & ~0xF | choose(before & 0xF, processor[2] & 0xF)
        return .returns(before)
    }

    func enterHandlers() -> ROM.Outcome {
        guard interrupts.frames.count < InterruptDispatch.mostFrames else { return unhandled() }
        let pending = processor[.interrupt] & processor[.intenable]
        interrupts.frames.append(
            InterruptDispatch.Frame(
                registers: (0..<16).map { processor[$0] }, shift: processor[.sar], status: processor[.ps],
                pc: processor[.epc1], pending: pending))
        processor[1] &-= Self.frameBytes
        // As the ROM does it: further interrupts stay out, exceptions are simple ones again.
        processor[.ps] = processor[.ps] & ~0x1F | 1
        return nextHandler()
    }

    fileprivate func nextHandler() -> ROM.Outcome {
        guard let last = interrupts.frames.indices.last else {
            stop(.missingRoutine(address: ROM.endOfHandler, caller: processor[0]))
            return .jumps
        }
        while interrupts.frames[last].pending != 0 {
            let line = interrupts.frames[last].pending.trailingZeroBitCount
            interrupts.frames[last].pending &= ~(1 << UInt32(line))
            // What came as an edge is pending until it is cleared.
            processor[.intclear] = 1 << UInt32(line)
            timers.settle(at: busClock.count(at: ticks))
            timers.acknowledgeEdges(1 << UInt32(line), down: Interrupt.frc1, up: Interrupt.frc2)
            if 1 << UInt32(line) == Interrupt.software { processor[.intclear] = Interrupt.software }
            refreshInterrupts()
            guard let handler = interrupts.handlers[line] else {
                // Nobody would ever quiet it.
                processor[.intenable] &= ~(1 << UInt32(line))
                continue
            }
            processor[2] = handler.argument
            processor[0] = ROM.endOfHandler
            processor.pc = handler.address
            return .jumps
        }
        let frame = interrupts.frames.removeLast()
        for (number, value) in frame.registers.enumerated() { processor[number] = value }
        processor[.sar] = frame.shift
        processor[.ps] = frame.status & ~(1 << 4)
        processor.pc = frame.pc
        return .jumps
    }
}
