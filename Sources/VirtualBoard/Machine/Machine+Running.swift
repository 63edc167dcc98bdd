import LX106

extension Machine {
    /// Runs until the owner's time `now`, or for a slice.
    ///
    /// - Returns: The bytes that are out on the wire, each with its speed.
    func run(until now: Duration) -> [(byte: UInt8, baud: Int)] {
        var sent: [(byte: UInt8, baud: Int)] = []
        let due = tick(at: now)
        var left = Pace.slice
        while halt == nil, reset == nil, !debugging.isHeld {
            meetDevices(&sent)
            // Fast timing waits for nothing but what time itself must bring.
            let end = timing == .fast && !pace.isWaiting ? Int.max : due
            let ticks = self.ticks
            guard ticks < end, left > 0, reset == nil else { break }
            left -= advance(to: clock.cycle(of: max(ticks + 1, min(end, nextEvent ?? end))), most: left)
        }
        meetDevices(&sent)
        if halt != nil { emptyPorts(until: due, &sent) }
        if timing == .fast, !pace.isWaiting {
            origin = now - Self.duration(of: ticks)
        } else {
            let lag = tick(at: now) - ticks
            if lag > Pace.mostLag { origin += Self.duration(of: lag - Pace.mostLag) }
        }
        return sent
    }

    /// When the owner must run it again.
    func nextRun(after now: Duration) -> Duration? {
        guard reset == nil, !debugging.isHeld else { return nil }
        guard halt == nil else {
            return [uart.sentAt, uart1.sentAt].compactMap(\.self).min().map { max(now, time(of: $0)) }
        }
        let isWaiting = pace.isWaiting || pace.resumesAt != nil
        if tick(at: now) > ticks || timing == .fast && !isWaiting { return now }
        guard isWaiting else { return now + Self.shortestSleep }
        guard let next = [nextEvent, pace.resumesAt.map(clock.tick(after:))].compactMap(\.self).min() else {
            return now + Self.longestSleep
        }
        return max(now + Self.shortestSleep, min(time(of: next), now + Self.longestSleep))
    }

    /// What is in the FIFOs when a program stops goes out.
    private func emptyPorts(until tick: Int, _ sent: inout [(byte: UInt8, baud: Int)]) {
        guard uart.sentAt != nil || uart1.sentAt != nil else { return }
        processor.spend(cycles: max(0, clock.cycle(of: tick) - processor.cycles))
        takeSent(&sent)
    }

    /// Half of what a USB adapter keeps bytes for. To be woken for each byte on the wire would cost a core.
    private static let shortestSleep = Duration.microseconds(500)
    static let longestSleep = Duration.milliseconds(50)

    /// - Parameters:
    ///   - next: When something else happens (cycles).
    ///   - most: What it may work for (cycles).
    /// - Returns: How many cycles the CPU has worked for.
    private func advance(to next: Int, most: Int) -> Int {
        let begin = processor.cycles
        // What is passed over could not be traced.
        if trace?.isOver != false, !processor.isWaiting, begin >= pace.triesAt, next - begin > WaitingLoop.shortestPause
        {
            if passWaiting(to: next) { return WaitingLoop.cost }
            // What the try has run may have brought something nearer than `next`.
            if processor.cycles > begin { return processor.cycles - begin }
        }
        let chunk = min(next - begin, most, begin < pace.triesAt ? pace.triesAt - begin : .max)
        pace.resumesAt = nil
        switch trace?.run(processor, for: chunk) ?? processor.run(for: chunk) {
        case .budget, .paused: break
        case .breakpoint(let address) where isTakenUp(address): call(address, before: next)
        case .breakpoint(let address): meetBreakpoint(address)
        case .waiting:
            if timing == .fast, !pace.isWaiting {
                pace.didWait(at: begin)
            } else {
                pace.isWaiting = true
                processor.spend(cycles: next - processor.cycles)
            }
        case .trap(let address): call(address, before: next)
        }
        let worked = processor.cycles - begin + pace.work
        pace.work = 0
        processor.spend(cycles: max(0, min(pace.passes, next - processor.cycles)))
        pace.passes = 0
        return worked
    }

    /// The next tick at which something happens by itself.
    var nextEvent: Int? {
        let arrival = arrived < arriving.count && (timing == .real || uart.hasRoom) ? arriving[arrived].at : nil
        let timer = processor.timerAt - processor.cycles < 1 << 31 ? clock.tick(after: processor.timerAt) : nil
        return [
            arrival, uart.timeoutAt, uart.sentAt, uart1.sentAt, timers.nextEvent.map(busClock.tick), watchdog.nextEvent,
            timer,
        ]
        .compactMap(\.self).min()
    }

    /// What is due on the wire in both directions, and in all that counts time.
    func meetDevices(_ sent: inout [(byte: UInt8, baud: Int)]) {
        let ticks = self.ticks
        let lines = processor[.interrupt]
        while arrived < arriving.count, arriving[arrived].at <= ticks, timing == .real || uart.hasRoom {
            uart.receive(arriving[arrived].byte, at: ticks)
            arrived += 1
            pace.somethingHappened()
        }
        if arrived == arriving.count { (arriving, arrived) = ([], 0) }
        uart.settle(at: ticks)
        takeSent(&sent)
        timers.settle(at: busClock.count(at: ticks))
        if let event = watchdog.settle(at: ticks) {
            pace.somethingHappened()
            if event == .reset { restart(.watchdog) }
        }
        refreshInterrupts()
        if processor[.interrupt] != lines { pace.somethingHappened() }
    }

    private func takeSent(_ sent: inout [(byte: UInt8, baud: Int)]) {
        while let out = uart.takeSent(by: ticks) {
            sent.append((out.byte, uart.baud))
            pace.somethingHappened()
        }
        while let out = uart1.takeSent(by: ticks) {
            sentByUART1.append(out.byte)
            pace.somethingHappened()
        }
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
        // The line that is led to the NMI asks nobody; each of its edges is one.
        if nmiSource != 0, risen & 1 << nmiSource != 0 {
            processor.setInterrupt(Interrupt.nmi, true)
            processor.setInterrupt(Interrupt.nmi, false)
        }
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
        defer { trace?.didCall(address, processor) }
        if !ROM.quiet.contains(address) { effects += 1 }
        switch routine.body(self) {
        case .returns(let value):
            debugging.note(address, waits: false, stack: processor[1])
            if let value { processor[2] = value }
            processor.pc = processor[0]
            processor.spend(cycles: ROM.callCycles)
        case .jumps:
            processor.spend(cycles: ROM.callCycles)
        case .waits(let until):
            debugging.note(address, waits: true, stack: processor[1])
            pace.resumesAt = until
            processor.spend(cycles: max(1, min(until, next) - processor.cycles))
        }
    }
}
