import LX106

extension ROM {
    static let memory: [Entry] = [
        (0x4000_DF48, "memcpy", copy), (0x4000_18B4, "ets_memcpy", copy), (0x4000_E04C, "memmove", copy),
        (0x4000_18C4, "ets_memmove", copy), (0x4000_06C4, "xthal_memcpy", copy), (0x4000_E190, "memset", fill),
        (0x4000_18A4, "ets_memset", fill), (0x4000_DEA8, "memcmp", compare), (0x4000_18D4, "ets_memcmp", compare),
        (0x4000_0688, "xthal_bcopy", { $0.move(from: $0.processor[2], to: $0.processor[3]) }),
        (0x4000_DE84, "bzero", clear), (0x4000_2AE8, "ets_bzero", clear),
    ]

    /// They move bytes one by one or in words; one cycle a byte stands for both.
    private static let copy: @Sendable (Machine) -> Outcome = { machine in
        machine.move(from: machine.processor[3], to: machine.processor[2])
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
        // What follows the first difference is not looked at.
        let (left, right) = (machine.memory.readable(from: one), machine.memory.readable(from: other))
        let common = min(count, left.count, right.count)
        if let place = (0..<common).first(where: { left[$0] != right[$0] }) {
            machine.processor.spend(cycles: place)
            return .returns(UInt32(bitPattern: Int32(left[place]) - Int32(right[place])))
        }
        guard common == count else { return machine.refuse(reading: [one, other], count: count) }
        machine.processor.spend(cycles: count)
        return .returns(0)
    }
}

extension Machine {
    /// As many bytes as a4 says.
    fileprivate func move(from source: UInt32, to place: UInt32) -> ROM.Outcome {
        let count = Int(processor[4])
        guard let bytes = memory.read(source, count), memory.write(bytes, at: place) else {
            return refuse(reading: [source], writing: place, count: count)
        }
        processor.spend(cycles: count)
        return .returns(nil)
    }

    fileprivate func fill(_ place: UInt32, _ count: Int, with byte: UInt8) -> ROM.Outcome {
        guard count <= memory.writable(from: place) else { return refuse(writing: place, count: count) }
        memory.write([UInt8](repeating: byte, count: count), at: place)
        processor.spend(cycles: count)
        return .returns(nil)
    }

    /// A routine that runs out of memory ends as its access does on the chip: with the exception at the first address that has
    /// none. What it has done before that is left out.
    ///
    /// - Parameter count: How many bytes it wants from each place on.
    func refuse(reading: [UInt32] = [], writing: UInt32? = nil, count: Int) -> ROM.Outcome {
        var ends = reading.map { ($0, memory.readable(from: $0).count, false) }
        if let writing { ends.append((writing, memory.writable(from: writing), true)) }
        guard let first = ends.filter({ $0.1 < count }).min(by: { $0.1 < $1.1 }) else { return .returns(nil) }
        let address = first.0 &+ UInt32(first.1)
        let prohibited: ExceptionCause = first.2 ? .storeProhibited : .loadProhibited
        processor.raise(
            AddressSpace.isProhibited(address) ? prohibited : .loadStore, at: processor.pc, address: address)
        return .jumps
    }
}
