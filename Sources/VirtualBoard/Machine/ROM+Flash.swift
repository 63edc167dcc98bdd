extension ROM {
    static let flash: [Entry] = [
        (0x4000_3F58, "SelectSpiFunction", { _ in .returns(nil) }),
        (0x4000_4644, "spi_flash_attach", { _ in .returns(nil) }),
        (0x4000_4878, "SPIUnlock", { _ in .returns(0) }),
        (0x4000_48A8, "SPILock", { _ in .returns(0) }),
        (0x4000_48EC, "SPIReadModeCnfig", { _ in .returns(0) }),
        (
            0x4000_448C, "Wait_SPI_Idle",
            { machine in
                machine.processor.cycles < machine.flashBusyUntil ? .waits(until: machine.flashBusyUntil) : .returns(0)
            }
        ),
        (0x4000_4C2C, "SPIParamCfg", { _ in .returns(0) }),
        (
            0x4000_4B44, "SPIEraseArea",
            { machine in
                let first = Int(machine.processor[2]) / SPIFlash.sectorBytes
                let end =
                    (Int(machine.processor[2]) + Int(machine.processor[3]) + SPIFlash.sectorBytes - 1)
                    / SPIFlash.sectorBytes
                return machine.changeFlash { $0.erase(sectors: first..<end) }
            }
        ),
        (
            0x4000_4984, "SPIEraseChip",
            { machine in
                return machine.changeFlash { $0.eraseAll() }
            }
        ),
        (
            0x4000_49B4, "SPIEraseBlock",
            { machine in
                let first = Int(machine.processor[2]) * (SPIFlash.blockBytes / SPIFlash.sectorBytes)
                return machine.changeFlash {
                    $0.erase(sectors: first..<first + SPIFlash.blockBytes / SPIFlash.sectorBytes)
                }
            }
        ),
        (
            0x4000_4A00, "SPIEraseSector",
            { machine in
                let sector = Int(machine.processor[2])
                return machine.changeFlash { $0.eraseSector(sector) }
            }
        ),
        (
            0x4000_4A4C, "SPIWrite",
            { machine in
                guard let data = machine.memory.read(machine.processor[3], Int(machine.processor[4])) else {
                    return .returns(1)
                }
                let place = Int(machine.processor[2])
                return machine.changeFlash { $0.program(place, data) }
            }
        ),
        (
            0x4000_4B1C, "SPIRead",
            { machine in
                let count = Int(machine.processor[4])
                guard count <= machine.flash.chip.bytes else { return .returns(1) }
                return machine.commandFlash(taking: { count * Machine.flashByteCycles }) {
                    let data = machine.flash.read(Int(machine.processor[2]), count)
                    return machine.memory.write(data, at: machine.processor[3]) ? 0 : 1
                }
            }
        ),
    ]
}

extension Machine {
    /// Of a clock of the flash's bus: 40 MHz.
    private static let busClockCycles = 2
    /// Of a byte that is read from the flash, four bits at a time at 40 MHz.
    static let flashByteCycles = 4

    /// A routine of the ROM that is at work with the flash.
    struct FlashCommand: Equatable {
        var routine: UInt32
        var arguments: [UInt32]
        /// When the flash is done with it (cycles).
        var end: Int
        /// What the routine returns then.
        var result: UInt32
    }

    /// A routine that changes the flash.
    func changeFlash(_ body: (inout SPIFlash) -> Duration) -> ROM.Outcome {
        var time = Duration.zero
        return commandFlash(taking: { [self] in cycles(of: timing.busy(time)) }) {
            time = body(&flash)
            flash.begin(at: now, timing: timing)
            settleFast()
            return 0
        }
    }

    /// A routine that gives the flash a command once it is idle, and returns when that is done. It looks at the flash's status
    /// meanwhile, so interrupts come.
    func commandFlash(taking cost: () -> Int, _ body: () -> UInt32) -> ROM.Outcome {
        let stack = processor[1]
        let arguments = (2...4).map { processor[$0] }
        if let command = flashCommands[stack], command.routine == processor.pc, command.arguments == arguments {
            guard command.end <= processor.cycles else { return .waits(until: command.end) }
            flashCommands[stack] = nil
            return .returns(command.result)
        }
        guard flashBusyUntil <= processor.cycles else { return .waits(until: flashBusyUntil) }
        let result = body()
        let end = processor.cycles + cost()
        guard end > processor.cycles else { return .returns(result) }
        flashBusyUntil = end
        if flashCommands.count >= Self.mostFlashCommands { flashCommands = [:] }
        flashCommands[stack] = FlashCommand(
            routine: processor.pc, arguments: arguments, end: end, result: result)
        return .waits(until: end)
    }

    /// A program that interrupts itself deeper than this has left its calls for good.
    private static let mostFlashCommands = 8

    private func cycles(of time: Duration) -> Int { Int(time / .microseconds(1)) * (Self.frequency / 1_000_000) }

    /// With fast timing the CPU's clock runs ahead of the owner's, who would give the medium only later what is done.
    private func settleFast() {
        if timing == .fast { flash.settle(at: now) }
    }

    /// Lets time pass until the controller is done with the bus, as code does that looks at its command register.
    func waitForBus() {
        guard processor.cycles < busFreeAt else { return }
        timeReads += 1
        processor.spend(cycles: busFreeAt - processor.cycles)
    }

    /// A register that is written by code; the flash works on by itself.
    func write(_ address: UInt32, _ value: UInt32) {
        if address == RegisterMap.spiBlock { waitForBus() }
        registers.spi.isFlashBusy = processor.cycles < flashBusyUntil
        let time = registers.write(address, value, mask: .max, flash: &flash)
        if address == RegisterMap.spiBlock {
            busFreeAt = processor.cycles + Self.busClockCycles * registers.spi.clocks
        }
        guard time > .zero else { return }
        flash.begin(at: now, timing: timing)
        flashBusyUntil = processor.cycles + cycles(of: timing.busy(time))
        settleFast()
    }
}
