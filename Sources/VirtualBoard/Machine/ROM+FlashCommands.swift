/// The routines below `SPIRead` and `SPIWrite`; each takes the description of the flash first.
///
/// Source: esp-open-bootrom, which was translated from the ROM's code.
extension ROM {
    static let flashCommands: [Entry] = [
        (
            0x4000_42AC, "SPI_read_data",
            { $0.readFlash(Int($0.processor[3]), to: $0.processor[4], Int($0.processor[5])) }
        ),
        (
            0x4000_4174, "SPI_page_program",
            { machine in
                let (place, count) = (Int(machine.processor[3]), Int(machine.processor[5]))
                let isWithinPage = place % SPIFlash.pageBytes + count <= SPIFlash.pageBytes
                guard count.isMultiple(of: 4), isWithinPage else { return .returns(1) }
                return machine.writeFlash(place, from: machine.processor[4], count)
            }
        ),
        (
            0x4000_43C8, "SPI_read_status",
            { machine in
                guard machine.ticks >= machine.flashBusyUntil else {
                    return machine.waits(forTick: machine.flashBusyUntil)
                }
                let mask = machine.processor[2] &+ flashStatusMask
                guard let word = machine.memory.word(mask) else { return machine.refuse(reading: [mask], count: 4) }
                machine.command(readStatus)
                let status = machine.registers.read(RegisterMap.spiBlock + 0x10) & word
                return machine.memory.write(Array(littleEndian: status), at: machine.processor[3])
                    ? .returns(0) : machine.refuse(writing: machine.processor[3], count: 4)
            }
        ),
        (
            0x4000_443C, "SPI_write_enable",
            { machine in
                guard machine.ticks >= machine.flashBusyUntil else {
                    return machine.waits(forTick: machine.flashBusyUntil)
                }
                machine.command(writeEnable)
                machine.command(readStatus)
                return .returns(0)
            }
        ),
    ]

    /// Where the description of the flash has the bits of the status that count. Source: `flashchip` in `spi_flash.h` of
    /// Espressif's SDKs.
    private static let flashStatusMask: UInt32 = 20
    /// Bits of the controller's command register.
    private static let readStatus: UInt32 = 1 << 27
    private static let writeEnable: UInt32 = 1 << 30
}

extension Machine {
    /// Gives the controller a command, and waits until it is done with the bus.
    fileprivate func command(_ bit: UInt32) {
        write(RegisterMap.spiBlock, bit)
        waitForBus()
    }
}
