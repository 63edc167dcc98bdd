import LX106

/// What the ROM makes of exceptions: it calls the handler that a program has given for the cause, with a frame on the stack
/// that holds the registers, and takes them from there again.
///
/// Source of the frame: the structure that handlers of the Arduino core and of Espressif's SDKs take.
extension ROM {
    static let exceptions: [Entry] = [
        (
            0x4000_0454, "_xtos_set_exception_handler",
            { machine in
                let cause = machine.processor[2]
                let before = machine.interrupts.exceptionHandlers[cause] ?? 0
                machine.interrupts.exceptionHandlers[cause] = machine.processor[3] == 0 ? nil : machine.processor[3]
                return .returns(before)
            }
        ),
        (0x4000_0050, "_UserExceptionVector", { $0.takeException() }),
        (0x4000_0030, "_KernelExceptionVector", { $0.takeException() }),
        (0x4000_0070, "_DoubleExceptionVector", { $0.unhandled() }),
        (0x4000_0010, "_DebugExceptionVector", { $0.unhandled() }),
        (
            0x4000_0020, "_NMIExceptionVector",
            { machine in
                // Nobody handles it: it is over.
                (machine.processor.pc, machine.processor[.ps]) = (machine.processor[.epc3], machine.processor[.eps3])
                return .jumps
            }
        ),
        (endOfExceptionHandler, "the end of an exception's handler", { $0.leaveException() }),
    ]
}

extension Machine {
    private enum Frame {
        static let pc: UInt32 = 0
        static let status: UInt32 = 4
        static let shift: UInt32 = 8
        /// a0, then a2 to a15.
        static let registers: UInt32 = 16
        static let cause: UInt32 = 76
    }

    /// In the order of the frame.
    private static let framed = [0] + Array(2...15)

    func unhandled() -> ROM.Outcome {
        let isDouble = processor.pc == 0x4000_0070
        stop(
            .exception(
                cause: processor[.exccause], pc: processor[isDouble ? .depc : .epc1], address: processor[.excvaddr],
                caller: processor[0]))
        return .jumps
    }

    fileprivate func takeException() -> ROM.Outcome {
        let cause = processor[.exccause]
        if cause == ExceptionCause.level1Interrupt.rawValue { return enterHandlers() }
        guard let handler = interrupts.exceptionHandlers[cause],
            interrupts.exceptionFrames.count < InterruptDispatch.mostFrames
        else { return unhandled() }
        let frame = processor[1] &- Self.frameBytes
        var words: [UInt32: UInt32] = [
            Frame.pc: processor[.epc1], Frame.status: processor[.ps], Frame.shift: processor[.sar], Frame.cause: cause,
        ]
        for (index, register) in Self.framed.enumerated() {
            words[Frame.registers + UInt32(4 * index)] = processor[register]
        }
        for (offset, word) in words { memory.write(Array(littleEndian: word), at: frame &+ offset) }
        interrupts.exceptionFrames.append(frame)
        (processor[0], processor[1], processor[2], processor[3]) = (ROM.endOfExceptionHandler, frame, frame, cause)
        processor[.ps] = processor[.ps] & ~0x1F | 1
        processor.pc = handler
        return .jumps
    }

    fileprivate func leaveException() -> ROM.Outcome {
        guard let frame = interrupts.exceptionFrames.popLast() else { return unhandled() }
        func word(_ offset: UInt32) -> UInt32 { memory.word(frame &+ offset) ?? 0 }
        for (index, register) in Self.framed.enumerated() {
            processor[register] = word(Frame.registers + UInt32(4 * index))
        }
        processor[1] = frame &+ Self.frameBytes
        processor[.sar] = word(Frame.shift)
        processor[.ps] = word(Frame.status) & ~0x10
        processor.pc = word(Frame.pc)
        return .jumps
    }
}

extension [UInt8] {
    /// The bytes of a word, lowest first.
    init(littleEndian word: UInt32) {
        self = (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
}
