import LX106

/// Leads the CPU's loads and stores to the machine's registers, which are words.
final class Bus: Peripherals {
    weak var machine: Machine?

    func load(_ address: UInt32, width: AccessWidth) -> UInt32? {
        guard let machine, Self.isRegister(address), width == .word else { return nil }
        return machine.load(address)
    }

    func store(_ value: UInt32, at address: UInt32, width: AccessWidth) -> Bool {
        guard let machine, Self.isRegister(address), width == .word else { return false }
        machine.store(value, at: address)
        return true
    }

    func peek(_ address: UInt32) -> UInt32? {
        guard let machine, Self.isRegister(address) else { return nil }
        return machine.peek(address)
    }

    private static func isRegister(_ address: UInt32) -> Bool {
        address >> 16 == 0x6000 || address >> 16 == 0x3FF0 || address >> 16 == 0x3FF2
    }
}
