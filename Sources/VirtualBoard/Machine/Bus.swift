import LX106

/// Leads the CPU's loads and stores to the machine's registers.
final class Bus: Peripherals {
    weak var machine: Machine?

    private static let uart: UInt32 = 0x6000_0000

    func load(_ address: UInt32, width: AccessWidth) -> UInt32? {
        guard let machine, Self.isRegister(address), width == .word else { return nil }
        if address & ~0xFF == Self.uart {
            defer { machine.refreshInterrupts() }
            return machine.uart.load(address & 0xFF)
        }
        machine.registers.spi.isFlashBusy = machine.processor.cycles < machine.flashBusyUntil
        return machine.registers.read(address)
    }

    func store(_ value: UInt32, at address: UInt32, width: AccessWidth) -> Bool {
        guard let machine, Self.isRegister(address), width == .word else { return false }
        if address & ~0xFF == Self.uart {
            machine.uart.store(value, address & 0xFF, at: machine.processor.cycles)
            machine.refreshInterrupts()
            machine.processor.pause()
            return true
        }
        machine.write(address, value)
        return true
    }

    private static func isRegister(_ address: UInt32) -> Bool {
        address >> 16 == 0x6000 || address >> 8 == 0x3FF0_00 || address >> 8 == 0x3FF0_02
    }
}
