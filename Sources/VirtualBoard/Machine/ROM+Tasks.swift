/// The tasks of the ROM's event loop, by their priority.
struct TaskQueues {
    struct Queue {
        /// Called with the address of an event.
        var handler: UInt32
        /// The program's memory for events: a signal and a parameter each.
        var events: UInt32
        var length: Int
        var first = 0
        var count = 0
    }

    static let priorities: Range<UInt32> = 0..<32
    static let eventBytes: UInt32 = 8
    var queues: [UInt32: Queue] = [:]
    /// Called when no event waits, before the CPU does.
    var idle: (handler: UInt32, argument: UInt32)?
    /// It was called since something happened.
    var hasIdled = false
}

/// Source: MicroPython's replacement of them for the ESP8266 (`ets_alt_task.c`); that a higher number goes first: Espressif's
/// description of `system_os_task`.
extension ROM {
    static let tasks: [Entry] = [
        (0x4000_0DD0, "ets_task", { $0.makeTask() }),
        (0x4000_0E24, "ets_post", { $0.postEvent() }),
        (
            0x4000_0DC0, "ets_set_idle_cb",
            { machine in
                let handler = machine.processor[2]
                machine.tasks.idle = handler == 0 ? nil : (handler, machine.processor[3])
                return .returns(nil)
            }
        ),
        (0x4000_0E04, "ets_run", { $0.runTasks() }),
        (endOfTask, "the end of a task", { $0.runTasks() }),
    ]
}

extension Machine {
    /// A task that cannot be is not made, and takes no events.
    fileprivate func makeTask() -> ROM.Outcome {
        let (priority, length) = (processor[3], Int(processor[5] & 0xFF))
        guard TaskQueues.priorities.contains(priority), length > 0 else { return .returns(0) }
        tasks.queues[priority] = TaskQueues.Queue(handler: processor[2], events: processor[4], length: length)
        return .returns(1)
    }

    /// - Returns: 1 where there is no room for the event, or no task.
    fileprivate func postEvent() -> ROM.Outcome {
        let priority = processor[2]
        guard var queue = tasks.queues[priority], queue.count < queue.length else { return .returns(1) }
        let place =
            queue.events &+ UInt32((queue.first + queue.count) % queue.length) &* TaskQueues.eventBytes
        guard memory.write(Array(littleEndian: processor[3]) + Array(littleEndian: processor[4]), at: place) else {
            return refuse(writing: place, count: Int(TaskQueues.eventBytes))
        }
        queue.count += 1
        tasks.queues[priority] = queue
        return .returns(0)
    }

    /// The loop that never ends: the event of the highest task, or a rest until an interrupt.
    fileprivate func runTasks() -> ROM.Outcome {
        processor[0] = ROM.endOfTask
        if let priority = tasks.queues.filter({ $0.value.count > 0 }).keys.max(), var queue = tasks.queues[priority] {
            tasks.hasIdled = false
            processor[2] = queue.events &+ UInt32(queue.first) &* TaskQueues.eventBytes
            processor.pc = queue.handler
            queue.first = (queue.first + 1) % queue.length
            queue.count -= 1
            tasks.queues[priority] = queue
            return .jumps
        }
        if let idle = tasks.idle, !tasks.hasIdled {
            tasks.hasIdled = true
            (processor[2], processor.pc) = (idle.argument, idle.handler)
            return .jumps
        }
        tasks.hasIdled = false
        processor[.ps] &= ~0xF
        return .waits(until: processor.cycles + Machine.frequency)
    }
}
