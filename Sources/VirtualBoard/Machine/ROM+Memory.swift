extension ROM {
    static let memory: [Entry] = [
        (0x4000_DF48, "memcpy", copy), (0x4000_18B4, "ets_memcpy", copy), (0x4000_E04C, "memmove", copy),
        (0x4000_18C4, "ets_memmove", copy), (0x4000_E190, "memset", fill), (0x4000_18A4, "ets_memset", fill),
        (0x4000_DEA8, "memcmp", compare), (0x4000_18D4, "ets_memcmp", compare), (0x4000_DE84, "bzero", clear),
        (0x4000_2AE8, "ets_bzero", clear),
    ]

    /// They move bytes one by one or in words; one cycle a byte stands for both.
    private static let copy: @Sendable (Machine) -> Outcome = { machine in
        let (place, source, count) = (machine.processor[2], machine.processor[3], Int(machine.processor[4]))
        guard count <= MachineMemory.window.bytes, let bytes = machine.memory.read(source, count),
            machine.memory.write(bytes, at: place)
        else { return machine.isNoMemory(at: [source, place], count) }
        machine.processor.spend(cycles: count)
        return .returns(nil)
    }

    private static let fill: @Sendable (Machine) -> Outcome = { machine in
        let byte = UInt8(truncatingIfNeeded: machine.processor[3])
        return machine.fill(machine.processor[2], Int(machine.processor[4]), with: byte)
    }

    private static let clear: @Sendable (Machine) -> Outcome = { machine in
        machine.fill(machine.processor[2], Int(machine.processor[3]), with: 0)
    }

    private static let compare: @Sendable (Machine) -> Outcome = { machine in
        let (one, other, count) = (machine.processor[2], machine.processor[3], Int(machine.processor[4]))
        guard count <= MachineMemory.window.bytes, let left = machine.memory.read(one, count),
            let right = machine.memory.read(other, count)
        else { return machine.isNoMemory(at: [one, other], count) }
        let place = left.indices.first { left[$0] != right[$0] }
        machine.processor.spend(cycles: place ?? count)
        return .returns(place.map { UInt32(bitPattern: Int32(left[$0]) - Int32(right[$0])) } ?? 0)
    }
}

extension Machine {
    fileprivate func fill(_ place: UInt32, _ count: Int, with byte: UInt8) -> ROM.Outcome {
        guard count <= MachineMemory.window.bytes, memory.write([UInt8](repeating: byte, count: count), at: place)
        else { return isNoMemory(at: [place], count) }
        processor.spend(cycles: count)
        return .returns(nil)
    }

    /// As the access of the routine would end: with an exception that nobody handles.
    func isNoMemory(at places: [UInt32], _ count: Int) -> ROM.Outcome {
        let wrong = places.first { memory.read($0, count) == nil } ?? places[places.count - 1]
        stop(.exception(cause: 3, pc: processor.pc, address: wrong, caller: processor[0]))
        return .jumps
    }
}
