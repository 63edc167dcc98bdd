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
    static let mostFrames = 32
}

extension ROM {
    static let interrupts: [Entry] = [
        (
            0x4000_0F88, "ets_isr_attach",
            { machine in
                let line = Int(machine.processor[2] & 31)
                machine.interrupts.handlers[line] = InterruptDispatch.Handler(
                    address: machine.processor[3], argument: machine.processor[4])
                return .returns(nil)
            }
        ),
        (
            0x4000_0F98, "ets_isr_mask",
            { machine in
                machine.processor[.intenable] &= ~machine.processor[2]
                return .returns(nil)
            }
        ),
        (
            0x4000_0FA8, "ets_isr_unmask",
            { machine in
                machine.processor[.intenable] |= machine.processor[2]
                return .returns(nil)
            }
        ),
        (0x4000_0050, "_UserExceptionVector", { $0.enterHandlers() }),
        (0x4000_0030, "_KernelExceptionVector", { $0.enterHandlers() }),
        (endOfHandler, "return from a handler", { $0.nextHandler() }),
    ]
}

extension Machine {
    /// The room that the ROM takes on the stack for what it saves.
    private static let frameBytes: UInt32 = 0x100

    fileprivate func enterHandlers() -> ROM.Outcome {
        let cause = processor[.exccause]
        guard cause == ExceptionCause.level1Interrupt.rawValue, interrupts.frames.count < InterruptDispatch.mostFrames
        else {
            stop(.exception(cause: cause, pc: processor[.epc1], address: processor[.excvaddr]))
            return .jumps
        }
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
            stop(.missingRoutine(address: ROM.endOfHandler))
            return .jumps
        }
        while interrupts.frames[last].pending != 0 {
            let line = interrupts.frames[last].pending.trailingZeroBitCount
            interrupts.frames[last].pending &= ~(1 << UInt32(line))
            guard let handler = interrupts.handlers[line] else { continue }
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
