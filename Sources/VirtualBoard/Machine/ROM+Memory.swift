extension ROM {
    static let memory: [Entry] = [
        (
            0x4000_DF48, "memcpy",
            { machine in
                machine.copy(to: machine.processor[2], from: machine.processor[3], count: machine.processor[4])
                return .returns(nil)
            }
        ),
        (
            0x4000_E04C, "memmove",
            { machine in
                machine.copy(to: machine.processor[2], from: machine.processor[3], count: machine.processor[4])
                return .returns(nil)
            }
        ),
        (
            0x4000_E190, "memset",
            { machine in
                let (place, byte, count) = (machine.processor[2], machine.processor[3], machine.processor[4])
                guard count <= MachineMemory.window.bytes else { return .returns(nil) }
                machine.memory.write(
                    [UInt8](repeating: UInt8(truncatingIfNeeded: byte), count: Int(count)), at: place)
                machine.processor.spend(cycles: Int(count))
                return .returns(nil)
            }
        ),
    ]
}

extension Machine {
    /// The routines of the ROM move bytes one by one or in words; one cycle a byte stands for both.
    fileprivate func copy(to place: UInt32, from source: UInt32, count: UInt32) {
        guard count <= MachineMemory.window.bytes, let bytes = memory.read(source, Int(count)) else { return }
        memory.write(bytes, at: place)
        processor.spend(cycles: Int(count))
    }
}
