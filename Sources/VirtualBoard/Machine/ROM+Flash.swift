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
                machine.ticks < machine.flashBusyUntil ? machine.waits(forTick: machine.flashBusyUntil) : .returns(0)
            }
        ),
        (0x4000_4C2C, "SPIParamCfg", { _ in .returns(0) }),
        (
            0x4000_4B44, "SPIEraseArea",
            { machine in
                let (place, count) = (Int(machine.processor[2]), Int(machine.processor[3]))
                let end = (place + count + SPIFlash.sectorBytes - 1) / SPIFlash.sectorBytes
                return machine.changeFlash(place, count) { $0.erase(sectors: place / SPIFlash.sectorBytes..<end) }
            }
        ),
        (
            0x4000_4984, "SPIEraseChip",
            { machine in
                machine.changeFlash(0, 0) { $0.eraseAll() }
            }
        ),
        (
            0x4000_49B4, "SPIEraseBlock",
            { machine in
                let block = Int(machine.processor[2])
                let sectors = SPIFlash.blockBytes / SPIFlash.sectorBytes
                return machine.changeFlash(block * SPIFlash.blockBytes, SPIFlash.blockBytes) {
                    $0.erase(sectors: block * sectors..<(block + 1) * sectors)
                }
            }
        ),
        (
            0x4000_4A00, "SPIEraseSector",
            { machine in
                let sector = Int(machine.processor[2])
                return machine.changeFlash(sector * SPIFlash.sectorBytes, SPIFlash.sectorBytes) {
                    $0.eraseSector(sector)
                }
            }
        ),
        (
            0x4000_4A4C, "SPIWrite",
            { machine in
                let (place, count) = (Int(machine.processor[2]), Int(machine.processor[4]))
                guard machine.hasFlash(place, count) else { return .returns(1) }
                guard let data = machine.memory.read(machine.processor[3], count) else {
                    return machine.refuse(reading: [machine.processor[3]], count: count)
                }
                return machine.changeFlash(place, count) { $0.program(place, data) }
            }
        ),
        (
            0x4000_4B1C, "SPIRead",
            { machine in
                let (place, count) = (Int(machine.processor[2]), Int(machine.processor[4]))
                guard machine.hasFlash(place, count) else { return .returns(1) }
                let target = machine.processor[3]
                guard count <= machine.memory.writable(from: target) else {
                    return machine.refuse(writing: target, count: count)
                }
                return machine.commandFlash(taking: { count * Machine.flashByteTicks }) {
                    machine.memory.write(machine.flash.read(place, count), at: target)
                    return 0
                }
            }
        ),
    ]
}

extension Machine {
    /// Of a clock of the flash's bus: 40 MHz (ticks).
    private static let busClockTicks = 2
    /// Of a byte that is read from the flash, four bits at a time at 40 MHz (ticks).
    static let flashByteTicks = 4

    /// A routine of the ROM that is at work with the flash.
    struct FlashCommand: Equatable {
        var routine: UInt32
        var arguments: [UInt32]
        /// When the flash is done with it (ticks).
        var end: Int
        /// What the routine returns then.
        var result: UInt32
    }

    /// The ROM's routines refuse what is not all on the chip. Source: the description of the same routines in the ROM of the
    /// ESP32 (`rom/spi_flash.h`).
    func hasFlash(_ place: Int, _ count: Int) -> Bool { place + count <= flash.chip.bytes }

    /// A routine that changes some of the flash.
    func changeFlash(_ place: Int, _ count: Int, _ body: (inout SPIFlash) -> Duration) -> ROM.Outcome {
        guard hasFlash(place, count) else { return .returns(1) }
        var time = Duration.zero
        return commandFlash(taking: { [self] in ticks(of: timing.busy(time)) }) {
            time = body(&flash)
            pace.work += Pace.slice
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
            guard command.end <= ticks else { return waits(forTick: command.end) }
            flashCommands[stack] = nil
            return .returns(command.result)
        }
        guard flashBusyUntil <= ticks else { return waits(forTick: flashBusyUntil) }
        let result = body()
        let end = ticks + cost()
        guard end > ticks else { return .returns(result) }
        flashBusyUntil = end
        if flashCommands.count >= Self.mostFlashCommands { flashCommands = [:] }
        flashCommands[stack] = FlashCommand(
            routine: processor.pc, arguments: arguments, end: end, result: result)
        return waits(forTick: end)
    }

    func waits(forTick tick: Int) -> ROM.Outcome { .waits(until: clock.cycle(of: tick)) }

    /// A program that interrupts itself deeper than this has left its calls for good.
    private static let mostFlashCommands = 8

    private func ticks(of time: Duration) -> Int { Int(time / .microseconds(1)) * (Self.frequency / 1_000_000) }

    /// With fast timing the CPU's clock runs ahead of the owner's, who would give the medium only later what is done.
    private func settleFast() {
        if timing == .fast { flash.settle(at: now) }
    }

    /// Lets time pass until the controller is done with the bus, as code does that looks at its command register.
    func waitForBus() {
        guard ticks < busFreeAt else { return }
        timeReads += 1
        processor.spend(cycles: clock.cycle(of: busFreeAt) - processor.cycles)
    }

    /// A register that is written by code; the flash works on by itself.
    func write(_ address: UInt32, _ value: UInt32) {
        if address == RegisterMap.spiBlock { waitForBus() }
        registers.spi.isFlashBusy = ticks < flashBusyUntil
        let time = registers.write(address, value, mask: .max, flash: &flash)
        if address == RegisterMap.spiBlock {
            busFreeAt = ticks + Self.busClockTicks * registers.spi.clocks
        }
        guard time > .zero else { return }
        flash.begin(at: now, timing: timing)
        flashBusyUntil = ticks + ticks(of: timing.busy(time))
        settleFast()
    }
}
