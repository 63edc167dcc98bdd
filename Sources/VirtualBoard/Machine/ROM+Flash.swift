extension ROM {
    static let flash: [Entry] = [
        (0x4000_3F58, "SelectSpiFunction", { _ in .returns(nil) }),
        (0x4000_4644, "spi_flash_attach", { _ in .returns(nil) }),
        (0x4000_4878, "SPIUnlock", { _ in .returns(0) }),
        (0x4000_48A8, "SPILock", { _ in .returns(0) }),
        (0x4000_48EC, "SPIReadModeCnfig", { _ in .returns(0) }),
        (0x4000_448C, "Wait_SPI_Idle", { _ in .returns(0) }),
        (0x4000_4C2C, "SPIParamCfg", { _ in .returns(0) }),
        (
            0x4000_4B44, "SPIEraseArea",
            { machine in
                let first = Int(machine.processor[2]) / SPIFlash.sectorBytes
                let end =
                    (Int(machine.processor[2]) + Int(machine.processor[3]) + SPIFlash.sectorBytes - 1)
                    / SPIFlash.sectorBytes
                machine.changeFlash { $0.erase(sectors: first..<end) }
                return .returns(0)
            }
        ),
        (
            0x4000_4984, "SPIEraseChip",
            { machine in
                machine.changeFlash { $0.eraseAll() }
                return .returns(0)
            }
        ),
        (
            0x4000_49B4, "SPIEraseBlock",
            { machine in
                let first = Int(machine.processor[2]) * (SPIFlash.blockBytes / SPIFlash.sectorBytes)
                machine.changeFlash { $0.erase(sectors: first..<first + SPIFlash.blockBytes / SPIFlash.sectorBytes) }
                return .returns(0)
            }
        ),
        (
            0x4000_4A00, "SPIEraseSector",
            { machine in
                let sector = Int(machine.processor[2])
                machine.changeFlash { $0.eraseSector(sector) }
                return .returns(0)
            }
        ),
        (
            0x4000_4A4C, "SPIWrite",
            { machine in
                guard let data = machine.memory.read(machine.processor[3], Int(machine.processor[4])) else {
                    return .returns(1)
                }
                let place = Int(machine.processor[2])
                machine.changeFlash { $0.program(place, data) }
                return .returns(0)
            }
        ),
        (
            0x4000_4B1C, "SPIRead",
            { machine in
                let count = Int(machine.processor[4])
                guard count <= machine.flash.chip.bytes else { return .returns(1) }
                let data = machine.flash.read(Int(machine.processor[2]), count)
                machine.processor.spend(cycles: count * Machine.flashByteCycles)
                return .returns(machine.memory.write(data, at: machine.processor[3]) ? 0 : 1)
            }
        ),
    ]
}

extension Machine {
    /// Of a byte that is read from the flash, four bits at a time at 40 MHz.
    static let flashByteCycles = 4

    /// A command of the CPU's code to the flash, which waits until it is done.
    func changeFlash(_ body: (inout SPIFlash) -> Duration) {
        let time = body(&flash)
        flash.begin(at: now, timing: timing)
        let cycles = Int(timing.busy(time) / .microseconds(1)) * (Self.frequency / 1_000_000)
        processor.spend(cycles: cycles)
        flash.settle(at: now)
    }

    /// A register that is written by code; the flash works on by itself.
    func write(_ address: UInt32, _ value: UInt32) {
        registers.spi.isFlashBusy = processor.cycles < flashBusyUntil
        let time = registers.write(address, value, mask: .max, flash: &flash)
        guard time > .zero else { return }
        flash.begin(at: now, timing: timing)
        flashBusyUntil =
            processor.cycles + Int(timing.busy(time) / .microseconds(1)) * (Self.frequency / 1_000_000)
    }
}
