import LX106

/// What a debugger does to the chip.
///
/// A CPU that it has halted stays so across resets: a program that is started then stands still before its first instruction.
/// The ROM's loader is no program, and answers meanwhile.
extension Chip {
    /// The CPU, which is another one after a reset.
    var processor: Processor { machine.processor }

    /// Whether a program stands still. The owner's time must stand still with it.
    var isStill: Bool { mode == .executing && machine.debugging.isHeld }

    /// At which time the CPU is; ahead of the owner's after steps.
    var time: Duration { machine.now }

    /// What is called is written there from the next start on.
    func trace(into trace: CallTrace) { machine.trace = trace }

    /// A debugger comes: the CPU halts.
    func attachDebugger(at now: Duration) {
        machine.debugging.isAttached = true
        halt(at: now)
    }

    /// It goes: the CPU runs on.
    mutating func detachDebugger(at now: Duration) -> [Action] {
        machine.debugging = Machine.Debugging()
        return resume(at: now)
    }

    func halt(at now: Duration) { machine.hold(at: now) }

    mutating func resume(at now: Duration) -> [Action] {
        machine.letGo()
        return tick(at: now)
    }

    /// One instruction, or one routine of the ROM.
    ///
    /// - Returns: How it ended, as `Processor.step()` tells it.
    mutating func step(at now: Duration) -> (stop: Stop, actions: [Action]) {
        guard mode == .executing else { return (.budget, []) }
        let actions = report(machine.step(), at: now)
        return (machine.halt == nil ? .budget : .trap(address: processor.pc), actions)
    }

    /// Presses the reset button; with EN held low there is nothing that could be reset.
    mutating func pressReset(at now: Duration) -> [Action] {
        guard mode != .held else { return [] }
        return start(gpio0: bootStrap, cause: .external, at: now)
    }

    /// What an attached debugger must be told of. A program that has stopped for good is told as often as it is let run.
    mutating func takeStop(at now: Duration) -> [Action] {
        if machine.halt != nil, machine.debugging.isAttached {
            machine.debugging.stop = .trap(address: processor.pc)
        }
        guard let stop = machine.debugging.stop else { return [] }
        machine.debugging.stop = nil
        machine.hold(at: now)
        return [.stopped(stop)]
    }
}
