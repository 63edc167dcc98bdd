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
                let first = place / SPIFlash.sectorBytes
                // As if of sectors alone; the bus takes a thousandth of what the flash does, with blocks as well.
                return machine.changeFlash(place, count, clocks: Machine.eraseClocks(end - first)) {
                    $0.erase(sectors: first..<end)
                }
            }
        ),
        (
            0x4000_4984, "SPIEraseChip",
            { machine in
                machine.changeFlash(0, 0, clocks: Machine.eraseClocks(1)) { $0.eraseAll() }
            }
        ),
        (
            0x4000_49B4, "SPIEraseBlock",
            { machine in
                let block = Int(machine.processor[2])
                let sectors = SPIFlash.blockBytes / SPIFlash.sectorBytes
                return machine.changeFlash(
                    block * SPIFlash.blockBytes, SPIFlash.blockBytes, clocks: Machine.eraseClocks(1)
                ) {
                    $0.erase(sectors: block * sectors..<(block + 1) * sectors)
                }
            }
        ),
        (
            0x4000_4A00, "SPIEraseSector",
            { machine in
                let sector = Int(machine.processor[2])
                return machine.changeFlash(
                    sector * SPIFlash.sectorBytes, SPIFlash.sectorBytes, clocks: Machine.eraseClocks(1)
                ) {
                    $0.eraseSector(sector)
                }
            }
        ),
        (
            0x4000_4A4C, "SPIWrite",
            { $0.writeFlash(Int($0.processor[2]), from: $0.processor[3], Int($0.processor[4])) }
        ),
        (
            0x4000_4B1C, "SPIRead",
            { $0.readFlash(Int($0.processor[2]), to: $0.processor[3], Int($0.processor[4])) }
        ),
    ]
}

extension Machine {
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

    /// The ROM takes no more than this with one command, to read and to program (bytes). Source: esp-open-bootrom, which was
    /// translated from the ROM's code.
    private static let bytesPerCommand = 32

    /// On the flash's bus, a bit a clock, as the controller counts them: opcode and address of a command.
    private static let commandClocks = 8 + 24
    /// Before a command that changes something: to look at the status, to enable the write, and to look whether it is enabled.
    private static let enableClocks = 3 * 8

    /// How long the flash's bus takes for so many of its clocks (ticks).
    private func busTicks(_ clocks: Int) -> Int { busClock.ticks(for: clocks * registers.spi.clockDivider) }

    /// How long it takes the ROM to read so much (ticks).
    private func readTicks(_ count: Int) -> Int {
        busTicks(Self.commands(for: count) * Self.commandClocks + 8 * count)
    }

    private static func commands(for count: Int) -> Int { (count + bytesPerCommand - 1) / bytesPerCommand }

    /// What the ROM's commands take on the bus that erase so often (its clocks).
    fileprivate static func eraseClocks(_ commands: Int) -> Int { commands * (enableClocks + commandClocks) }

    /// The same for those that program; none goes over the end of a page.
    private static func programClocks(_ place: Int, _ count: Int) -> Int {
        let pages = stride(from: place - place % SPIFlash.pageBytes, to: place + count, by: SPIFlash.pageBytes)
        let commands = pages.reduce(0) { sum, page in
            sum + Self.commands(for: min(place + count, page + SPIFlash.pageBytes) - max(place, page))
        }
        return commands * (enableClocks + commandClocks) + 8 * count
    }

    func readFlash(_ place: Int, to target: UInt32, _ count: Int) -> ROM.Outcome {
        guard hasFlash(place, count) else { return .returns(1) }
        guard count <= memory.writable(from: target) else { return refuse(writing: target, count: count) }
        return commandFlash(taking: { readTicks(count) }) {
            memory.write(flash.read(place, count), at: target)
            return 0
        }
    }

    func writeFlash(_ place: Int, from source: UInt32, _ count: Int) -> ROM.Outcome {
        guard hasFlash(place, count) else { return .returns(1) }
        guard let data = memory.read(source, count) else { return refuse(reading: [source], count: count) }
        return changeFlash(place, count, clocks: Self.programClocks(place, count)) {
            $0.program(place, data, bytesPerCommand: Self.bytesPerCommand)
        }
    }

    /// A routine that changes some of the flash.
    ///
    /// - Parameter clocks: What its commands take on the flash's bus.
    func changeFlash(_ place: Int, _ count: Int, clocks: Int, _ body: (inout SPIFlash) -> Duration) -> ROM.Outcome {
        guard hasFlash(place, count) else { return .returns(1) }
        var time = Duration.zero
        return commandFlash(taking: { [self] in busTicks(clocks) + ticks(of: timing.busy(time)) }) {
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

    func ticks(of time: Duration) -> Int { Int(time / .nanoseconds(1)) * (Self.frequency / 1_000_000) / 1_000 }

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
            busFreeAt = ticks + busTicks(registers.spi.clocks)
        }
        guard time > .zero else { return }
        // It begins when the command is whole.
        flash.begin(at: timing == .real ? self.time(of: busFreeAt) : now, timing: timing)
        flashBusyUntil = busFreeAt + ticks(of: timing.busy(time))
        settleFast()
    }
}
