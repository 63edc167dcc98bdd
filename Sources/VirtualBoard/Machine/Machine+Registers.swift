import LX106

/// Who answers at which address.
///
/// Source: `eagle_soc.h` and the register headers of Espressif's SDKs.
extension Machine {
    private enum Block {
        static let uart0: UInt32 = 0x6000_0000
        static let gpio: UInt32 = 0x6000_0300
        static let timers: UInt32 = 0x6000_0600
        static let rtc: UInt32 = 0x6000_0700
        static let watchdog: UInt32 = 0x6000_0900
        static let converter: UInt32 = 0x6000_0D00
        static let uart1: UInt32 = 0x6000_0F00
        static let rtcMemory: UInt32 = 0x6000_1000
        /// Interrupts of the whole chip.
        static let port: UInt32 = 0x3FF0_0000
    }

    /// Which line comes as an NMI (its lowest five bits).
    private static let nmiSource: UInt32 = 0x3FF0_0000
    /// Which of the watchdog (bit 0), FRC1 (bit 1) and FRC2 (bit 2) interrupt.
    private static let edgeInterrupts: UInt32 = 0x3FF0_0004
    /// Bit 0 doubles the CPU's clock.
    private static let cpuClock: UInt32 = 0x3FF0_0014
    private static let randomNumber: UInt32 = 0x3FF2_0E44

    func load(_ address: UInt32) -> UInt32 {
        let (offset, now) = (address & 0xFF, ticks)
        switch address & ~0xFF {
        case Block.uart0:
            guard offset == UART.Register.fifo else { return uart.load(offset) }
            if uart.hasInput { effects += 1 }
            defer { refreshInterrupts() }
            return uart.load(offset)
        case Block.uart1: return uart1.load(offset)
        case Block.gpio: return gpio.load(offset)
        case Block.timers:
            timeReads += 1
            let count = busClock.count(at: now)
            timers.settle(at: count)
            return timers.load(offset, at: count)
        case Block.rtc:
            if let value = gpio.loadPin16(offset) { return value }
            if offset == RTC.Register.counter { timeReads += 1 }
            return rtc.load(offset, at: self.now)
        case Block.watchdog:
            timeReads += 1
            return watchdog.load(offset, at: now)
        case Block.converter: return converter.load(offset)
        case Block.rtcMemory..<Block.rtcMemory + 0x400: return rtc.memory[Int(address - Block.rtcMemory) / 4]
        default: break
        }
        if address == Self.randomNumber {
            effects += 1
            return UInt32(truncatingIfNeeded: random.next())
        }
        if address & ~0xFF == RegisterMap.spiBlock {
            timeReads += 1
            if address == RegisterMap.spiBlock { waitForBus() }
            registers.spi.isFlashBusy = now < flashBusyUntil
        }
        return registers.read(address)
    }

    /// What a load would give, where it changes nothing; nil for the FIFOs and the random numbers.
    func peek(_ address: UInt32) -> UInt32? {
        let (offset, now) = (address & 0xFF, ticks)
        switch address & ~0xFF {
        case Block.uart0: return uart.peek(offset)
        case Block.uart1: return uart1.peek(offset)
        case Block.gpio: return gpio.load(offset)
        case Block.timers: return timers.load(offset, at: busClock.count(at: now))
        case Block.rtc: return gpio.loadPin16(offset) ?? rtc.load(offset, at: self.now)
        case Block.watchdog: return watchdog.load(offset, at: now)
        case Block.converter: return converter.load(offset)
        case Block.rtcMemory..<Block.rtcMemory + 0x400: return rtc.memory[Int(address - Block.rtcMemory) / 4]
        default: return address == Self.randomNumber ? nil : registers.read(address)
        }
    }

    func store(_ value: UInt32, at address: UInt32) {
        let (offset, now) = (address & 0xFF, ticks)
        if address & ~0xFF == Block.watchdog, offset == Watchdog.Register.feed {
            // To be fed as soon as before is what keeps it as it was.
            watchdog.store(value, offset, at: now)
            return refreshInterrupts()
        }
        effects += 1
        switch address & ~0xFF {
        case Block.uart0:
            uart.store(value, offset, at: now)
            // What is sent begins now: the time of its end must be known.
            processor.pause()
        case Block.uart1:
            uart1.store(value, offset, at: now)
            processor.pause()
        case Block.gpio:
            gpio.store(value, offset)
            tellPins()
        case Block.timers:
            let count = busClock.count(at: now)
            timers.settle(at: count)
            timers.store(value, offset, at: count)
            processor.pause()
        case Block.rtc:
            if gpio.storePin16(value, offset) {
                tellPins()
            } else if rtc.store(value, offset) {
                restart(.software)
            }
        case Block.watchdog:
            watchdog.store(value, offset, at: now)
            processor.pause()
        case Block.converter: converter.store(value, offset)
        case Block.rtcMemory..<Block.rtcMemory + 0x400: rtc.memory[Int(address - Block.rtcMemory) / 4] = value
        case Block.port where address == Self.nmiSource: nmiSource = (1...14).contains(value & 31) ? value & 31 : 0
        case Block.port where address == Self.edgeInterrupts:
            watchdog.interrupts = value & 1 != 0
            timers.down.interrupts = value & 2 != 0
            timers.up.interrupts = value & 4 != 0
        case Block.port where address == Self.cpuClock:
            isCPUDoubled = value & 1 != 0
            setClocks()
            processor.pause()
        default: break
        }
        if address == RegisterMap.spiBlock, now < flashBusyUntil {
            pace.passes = Pace.statusLook
            processor.pause()
        }
        if !Self.hasDevice(address & ~0xFF) { write(address, value) }
        refreshInterrupts()
    }

    private static func hasDevice(_ block: UInt32) -> Bool {
        [Block.uart0, Block.uart1, Block.gpio, Block.timers, Block.rtc, Block.watchdog, Block.converter].contains(block)
            || (Block.rtcMemory..<Block.rtcMemory + 0x400).contains(block)
    }

    /// Gives the watcher what has changed at the pins since the last time.
    func tellPins() {
        for (pin, level) in gpio.takeChanges() { pinWatcher?.changed(pin: pin, to: level, at: chipTime) }
        refreshInterrupts()
    }
}
