import LX106

extension Machine {
    /// Runs until the owner's time `now`, or for a slice.
    ///
    /// - Returns: The bytes that are out on the wire, each with its speed.
    func run(until now: Duration) -> [(byte: UInt8, baud: Int)] {
        var sent: [(byte: UInt8, baud: Int)] = []
        let due = cycle(at: now)
        var left = Pace.slice
        while halt == nil, reset == nil {
            meetDevices(&sent)
            // Fast timing waits for nothing but what time itself must bring.
            let end = timing == .fast && !pace.isWaiting ? Int.max : due
            let cycles = processor.cycles
            guard cycles < end, left > 0, reset == nil else { break }
            left -= advance(to: max(cycles + 1, min(end, nextEvent ?? end)), most: left)
        }
        meetDevices(&sent)
        if timing == .fast, !pace.isWaiting {
            origin = now - Self.duration(of: processor.cycles)
        } else {
            let lag = cycle(at: now) - processor.cycles
            if lag > Pace.mostLag { origin += Self.duration(of: lag - Pace.mostLag) }
        }
        return sent
    }

    /// When the owner must run it again.
    func nextRun(after now: Duration) -> Duration? {
        guard halt == nil, reset == nil else { return nil }
        let isWaiting = pace.isWaiting || pace.resumesAt != nil
        if cycle(at: now) > processor.cycles || timing == .fast && !isWaiting { return now }
        guard isWaiting else { return now + Self.shortestSleep }
        guard let next = [nextEvent, pace.resumesAt].compactMap(\.self).min() else { return now + Self.longestSleep }
        return max(now + Self.shortestSleep, min(time(of: next), now + Self.longestSleep))
    }

    /// Half of what a USB adapter keeps bytes for. To be woken for each byte on the wire would cost a core.
    private static let shortestSleep = Duration.microseconds(500)
    private static let longestSleep = Duration.milliseconds(50)

    /// - Returns: How many cycles the CPU has worked for.
    private func advance(to next: Int, most: Int) -> Int {
        let begin = processor.cycles
        if !processor.isWaiting, begin >= pace.triesAt, next - begin > WaitingLoop.shortestPause, passWaiting(to: next)
        {
            return WaitingLoop.cost
        }
        let chunk = min(next - begin, most, begin < pace.triesAt ? pace.triesAt - begin : .max)
        pace.resumesAt = nil
        switch processor.run(for: chunk) {
        case .budget, .paused, .breakpoint: break
        case .waiting:
            if timing == .fast, !pace.isWaiting {
                pace.didWait(at: begin)
            } else {
                pace.isWaiting = true
                processor.spend(cycles: next - processor.cycles)
            }
        case .trap(let address): call(address, before: next)
        }
        let worked = processor.cycles - begin
        processor.spend(cycles: max(0, min(pace.passes, next - processor.cycles)))
        pace.passes = 0
        return worked
    }

    /// The next cycle at which something happens by itself.
    var nextEvent: Int? {
        let arrival = arrived < arriving.count && (timing == .real || uart.hasRoom) ? arriving[arrived].at : nil
        let timer = processor.timerAt - processor.cycles < 1 << 31 ? processor.timerAt : nil
        return [arrival, uart.timeoutAt, uart.sentAt, uart1.sentAt, timers.nextEvent, watchdog.nextEvent, timer]
            .compactMap(\.self).min()
    }

    /// What is due on the wire in both directions, and in all that counts time.
    private func meetDevices(_ sent: inout [(byte: UInt8, baud: Int)]) {
        let cycles = processor.cycles
        let lines = processor[.interrupt]
        while arrived < arriving.count, arriving[arrived].at <= cycles, timing == .real || uart.hasRoom {
            uart.receive(arriving[arrived].byte, at: cycles)
            arrived += 1
            pace.somethingHappened()
        }
        if arrived == arriving.count { (arriving, arrived) = ([], 0) }
        uart.settle(at: cycles)
        while let out = uart.takeSent(by: cycles) {
            sent.append((out.byte, uart.baud))
            pace.somethingHappened()
        }
        while let out = uart1.takeSent(by: cycles) {
            sentByUART1.append(out.byte)
            pace.somethingHappened()
        }
        timers.settle(at: cycles)
        if let event = watchdog.settle(at: cycles) {
            pace.somethingHappened()
            if event == .reset { restart(.watchdog) }
        }
        refreshInterrupts()
        if processor[.interrupt] != lines { pace.somethingHappened() }
    }

    func refreshInterrupts() {
        var lines: UInt32 = 0
        if uart.isInterrupting || uart1.isInterrupting { lines |= Interrupt.uart }
        if gpio.isInterrupting { lines |= Interrupt.gpio }
        if watchdog.isInterrupting { lines |= Interrupt.watchdog }
        if timers.down.isInterrupting { lines |= Interrupt.frc1 }
        if timers.up.isInterrupting { lines |= Interrupt.frc2 }
        let risen = lines & ~activeLines
        activeLines = lines
        processor.setInterrupt(Self.deviceLines & ~lines, false)
        // The line that is led to the NMI asks nobody.
        if nmiSource != 0, risen & 1 << nmiSource != 0 { processor.setInterrupt(Interrupt.nmi, true) }
        if lines != 0 { processor.setInterrupt(lines & ~(nmiSource == 0 ? 0 : 1 << nmiSource), true) }
    }

    private static let deviceLines =
        Interrupt.uart | Interrupt.gpio | Interrupt.watchdog | Interrupt.frc1 | Interrupt.frc2

    /// Carries out a routine of the ROM in its place.
    ///
    /// - Parameter next: When something else happens; no routine waits longer than until then (cycles).
    func call(_ address: UInt32, before next: Int) {
        if address == ROM.endOfProgram {
            guard let start = userStart else { return stop(.ended) }
            userStart = nil
            processor.pc = start
            return
        }
        guard let routine = ROM.routines[address] else {
            return stop(.missingRoutine(address: address, caller: processor[0]))
        }
        if !ROM.quiet.contains(address) { effects += 1 }
        switch routine.body(self) {
        case .returns(let value):
            if let value { processor[2] = value }
            processor.pc = processor[0]
            processor.spend(cycles: ROM.callCycles)
        case .jumps:
            processor.spend(cycles: ROM.callCycles)
        case .waits(let until):
            pace.resumesAt = until
            processor.spend(cycles: max(1, min(until, next) - processor.cycles))
        }
    }
}
