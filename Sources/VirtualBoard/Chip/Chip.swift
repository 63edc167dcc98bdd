import ESPLoader
import LX106

/// An ESP8266 with its flash: bytes, lines and time in, bytes out.
///
/// After each call the owner carries out the actions and calls `tick` at the time of the last `wake`.
public struct Chip {
    public enum Action: Sendable, Equatable {
        /// Bytes that are on the wire now, sent at this speed.
        case send([UInt8], baud: Int)
        /// Call `tick` at this time.
        case wake(at: Duration)
        /// The chip runs what is in its flash.
        case started(hasImage: Bool)
        /// What was written is lost, for this reason: the medium of the flash takes it no more. Said once.
        case lost(String)
        /// The program has stopped, for this reason.
        case halted(Halt)
        /// The CPU, which a debugger has let run, stands still now.
        case stopped(Stop)
    }

    /// What has passed since the chip was made.
    public struct Totals: Sendable, Equatable {
        /// Bytes from the host and to it.
        public var heard = 0
        public var said = 0
        /// How long the flash has taken for what it has erased and programmed, by the datasheet, whoever has told it to.
        public var busy = Duration.zero
    }

    /// What the chip is doing.
    public enum Mode: Sendable, Equatable {
        /// EN is low.
        case held
        case romLoader
        /// A stub is answered for.
        case stub
        /// The CPU runs a program, or has stopped.
        case executing
        /// As if it ran what is in its flash, without a CPU.
        case running
    }

    public enum Execution: Sendable {
        /// The CPU runs it.
        case cpu
        /// It is answered for, as if it were a stub of Espressif's.
        case standIn
    }

    private enum Event: Sendable {
        case arrived([UInt8], baud: Int)
        case sent([UInt8], baud: Int)
        case restart(BootLog.ResetCause)
    }

    public private(set) var mode = Mode.held
    public var flash: SPIFlash { machine.flash }
    public var totals: Totals { Totals(heard: heard, said: said, busy: flash.busy) }
    private var heard = 0
    private var said = 0
    let machine: Machine
    private let timing: ChipTiming
    /// What becomes of code that a host loads.
    private let execution: Execution
    /// Whether a SYNC brings a running chip into its loader: for lines that carry no DTR and RTS.
    private let entersLoaderOnSync: Bool

    private var rom = ROMLoader()
    private var stub: StubStandIn?
    private var decoder = SLIPDecoder()
    private var baud = BootLog.baud
    /// What happens when; in order of time.
    private var events: [(at: Duration, event: Event)] = []
    private var inputFree = Duration.zero
    private var outputFree = Duration.zero
    private var busyUntil = Duration.zero
    private var flashBusyUntil = Duration.zero
    /// The most bytes that wait to be heard; what comes beyond is lost, as in the chip's FIFO.
    private static let inputLimit = 1 << 17
    private var waitingInput = 0
    private var isFailureTold = false
    /// Whether the program has come out of the flash, and not from a host, who would talk to it.
    private var isFromFlash = false
    private var isHaltTold = false
    /// How often a host has called a program out of RAM since that has said a frame.
    private var syncsUnanswered = 0
    /// A stub was told to restart the chip, which not every one does.
    private var restartsAfterAnswer = false

    public init(
        flash: SPIFlash, eFuses: EFuses, timing: ChipTiming, execution: Execution, entersLoaderOnSync: Bool,
        startClock: StartClock = .full, outside: Outside = Outside()
    ) {
        machine = Machine(flash: flash, eFuses: eFuses, timing: timing, startClock: startClock)
        machine.gpio.driven = outside.pins
        machine.converter.value = outside.analogue
        machine.pinWatcher = outside.watcher
        self.timing = timing
        self.execution = execution
        self.entersLoaderOnSync = entersLoaderOnSync
    }

    public var eFuses: EFuses { machine.registers.eFuses }

    /// EN goes low: everything but the flash and the eFuses is forgotten. The flash ends the command that it is busy with.
    public mutating func hold(at now: Duration) {
        machine.flash.dropQueued(at: now)
        flashBusyUntil = machine.flash.nextEnd ?? now
        mode = .held
        events = []
        waitingInput = 0
        decoder.reset()
        stub = nil
        rom = ROMLoader()
    }

    /// EN goes high; `gpio0` is the strap's level.
    public mutating func release(gpio0: Bool, at now: Duration) -> [Action] {
        start(gpio0: gpio0, cause: .external, at: now)
    }

    /// Power goes and comes again, with GPIO0 high: what the flash was busy with stays half done.
    public mutating func cyclePower(at now: Duration) -> [Action] {
        machine.flash.cutPower(at: now)
        flashBusyUntil = now
        machine.rtc = RTC()
        return start(gpio0: bootStrap, cause: .powerOn, at: now)
    }

    /// Lets the flash end what it is busy with, as it does when nothing stops it.
    public mutating func finish() {
        machine.flash.finish()
    }

    /// The level of GPIO0 where no host's line pulls at it.
    var bootStrap: Bool { machine.gpio.driven[0] ?? true }

    mutating func start(gpio0: Bool, cause: BootLog.ResetCause, at now: Duration) -> [Action] {
        hold(at: now)
        baud = BootLog.baud
        machine.clear()
        machine.rtc.cause = cause
        inputFree = now
        outputFree = now
        busyUntil = now
        var text = BootLog.start(cause, isDownload: !gpio0)
        guard gpio0 else {
            mode = .romLoader
            say(Array(text.utf8), at: now)
            return tick(at: now)
        }
        mode = .running
        var hasImage = false
        switch execution {
        case .cpu:
            let boot = machine.boot()
            say(Array((text + boot.text).utf8), at: now)
            hasImage = boot.entry != nil
            if let entry = boot.entry { execute(from: entry, isFromFlash: true, at: now) }
        case .standIn:
            if let image = try? FirmwareImage.parse(flash.read(0, flash.chip.bytes)).image {
                text += BootLog.loading(image.segments)
                hasImage = true
            }
            say(Array(text.utf8), at: now)
        }
        return [.started(hasImage: hasImage)] + tick(at: now)
    }

    /// What the host has sent, at its speed.
    public mutating func receive(_ bytes: [UInt8], baud hostBaud: Int, at now: Duration) -> [Action] {
        guard mode != .held, waitingInput + bytes.count <= Self.inputLimit else { return [] }
        waitingInput += bytes.count
        heard += bytes.count
        if mode == .executing, isLoaderAsked(bytes, baud: hostBaud) {
            return release(gpio0: false, at: now) + receive(bytes, baud: hostBaud, at: now)
        }
        if mode == .executing {
            waitingInput -= bytes.count
            guard machine.waiting + bytes.count <= Self.inputLimit else { return [] }
            machine.receive(isClose(hostBaud) ? bytes : Self.garbled(bytes), baud: hostBaud, at: now)
            return tick(at: now)
        }
        inputFree = max(inputFree, now) + timing.wire(bytes.count, baud: hostBaud)
        schedule(.arrived(bytes, baud: hostBaud), at: inputFree)
        return tick(at: now)
    }

    /// Does what is due.
    public mutating func tick(at now: Duration) -> [Action] {
        var actions: [Action] = []
        machine.flash.settle(at: now)
        while let first = events.first, due(first) <= now {
            events.removeFirst()
            switch first.event {
            case .sent(let bytes, let baud):
                actions.append(.send(bytes, baud: baud))
            case .arrived(let bytes, let hostBaud):
                waitingInput -= bytes.count
                actions += hear(bytes, baud: hostBaud, at: max(first.at, busyUntil))
            case .restart(let cause):
                actions += start(gpio0: bootStrap, cause: cause, at: first.at)
            }
        }
        if mode == .executing, !isStill { actions += report(machine.run(until: now), at: now) + takeStop(at: now) }
        machine.flash.settle(at: now)
        if let failure = flash.failure, !isFailureTold {
            isFailureTold = true
            actions.append(.lost("\(failure)"))
        }
        if let next = [events.first.map(due), flash.nextEnd, mode == .executing ? machine.nextRun(after: now) : nil]
            .compactMap(\.self).min()
        {
            actions.append(.wake(at: next))
        }
        return actions
    }

    /// The chip hears nothing while it is busy.
    private func due(_ entry: (at: Duration, event: Event)) -> Duration {
        if case .arrived = entry.event { return max(entry.at, busyUntil) }
        return entry.at
    }

    private mutating func schedule(_ event: Event, at time: Duration) {
        let place = events.firstIndex { due($0) > time } ?? events.count
        events.insert((time, event), at: place)
    }

    private mutating func say(_ bytes: [UInt8], at now: Duration) {
        said += bytes.count
        outputFree = max(outputFree, now) + timing.wire(bytes.count, baud: baud)
        schedule(.sent(bytes, baud: baud), at: outputFree)
    }

    private mutating func hear(_ bytes: [UInt8], baud hostBaud: Int, at now: Duration) -> [Action] {
        var actions: [Action] = []
        for event in decoder.decode(bytes) {
            guard case .frame(let content) = event else { continue }
            if mode == .stub, stub?.isReading == true {
                actions += answer(stub?.acknowledge(content), at: now)
                continue
            }
            guard let request = try? LoaderRequest(content: content) else { continue }
            if mode == .running {
                guard entersLoaderOnSync, request == LoaderCommand.sync.request else { continue }
                actions += release(gpio0: false, at: now)
            }
            if request.opcode == Opcode.sync.rawValue, mode == .romLoader {
                // The ROM measures the host's speed at the SYNC's 55s.
                baud = hostBaud
                machine.registers.set(baud: hostBaud)
            }
            guard isClose(hostBaud) else { continue }
            machine.registers.spi.isFlashBusy = now < flashBusyUntil
            let made =
                mode == .stub
                ? stub?.answer(request, &machine.registers, &machine.flash) : rom.answer(request, machine)
            actions += answer(made, at: now)
        }
        return actions
    }

    /// Code that was loaded into memory runs.
    private mutating func run(from entry: UInt32, at now: Duration) -> [Action] {
        switch execution {
        case .cpu:
            execute(from: entry, isFromFlash: false, at: now)
        case .standIn:
            mode = .stub
            stub = StubStandIn()
            say(SLIP.encode(StubStandIn.greeting), at: busyUntil)
        }
        return []
    }

    /// The ROM calls a program, once its own words are out.
    private mutating func execute(from entry: UInt32, isFromFlash: Bool, at now: Duration) {
        mode = .executing
        self.isFromFlash = isFromFlash
        isHaltTold = false
        restartsAfterAnswer = false
        syncsUnanswered = 0
        decoder.reset()
        machine.start(entry: entry, baud: baud, at: max(busyUntil, outputFree, now))
    }

    /// What comes of a run, or of a step, that has sent this.
    mutating func report(_ sent: [(byte: UInt8, baud: Int)], at now: Duration) -> [Action] {
        var actions: [Action] = []
        var bytes: [UInt8] = []
        for (byte, speed) in sent {
            if speed != baud, !bytes.isEmpty {
                actions.append(.send(bytes, baud: baud))
                bytes = []
            }
            baud = speed
            bytes.append(byte)
            said += 1
        }
        if !bytes.isEmpty { actions.append(.send(bytes, baud: baud)) }
        // What answers does so in frames.
        if bytes.contains(0xC0) { syncsUnanswered = 0 }
        baud = machine.uart.baud
        let isAnswered = restartsAfterAnswer && bytes.last == 0xC0 && bytes.count > 1
        if let cause = machine.reset ?? (isAnswered ? .software : nil) {
            mode = .held
            events = []
            schedule(.restart(cause), at: now + Self.bootTime)
        }
        if let halt = machine.halt, !isHaltTold {
            isHaltTold = true
            actions.append(.halted(halt))
        }
        return actions
    }

    /// What the ROM takes until it prints, so that a program that resets at once does not keep the host busy.
    private static let bootTime = Duration.milliseconds(5)

    /// Whether a host wants to be rid of a stub, on a line without DTR and RTS: FLASH_END with 0.
    private static func isRestart(_ request: LoaderRequest) -> Bool {
        request.opcode == Opcode.flashEnd.rawValue && request.payload.words.first == 0
    }

    /// Whether a host wants the loader, on a line without DTR and RTS. A program that a host has loaded is asked itself.
    private mutating func isLoaderAsked(_ bytes: [UInt8], baud hostBaud: Int) -> Bool {
        guard entersLoaderOnSync else { return false }
        let requests = decoder.decode(bytes).compactMap { event -> LoaderRequest? in
            guard case .frame(let content) = event else { return nil }
            return try? LoaderRequest(content: content)
        }
        let syncs = requests.count { $0 == LoaderCommand.sync.request }
        syncsUnanswered += syncs
        let isDeaf = syncsUnanswered >= Self.mostSyncs
        guard isFromFlash || machine.halt != nil || !isClose(hostBaud) || isDeaf else {
            restartsAfterAnswer = restartsAfterAnswer || requests.contains(where: Self.isRestart)
            return false
        }
        return syncs > 0
    }

    /// A program out of RAM that a host calls so often in vain is none that answers.
    private static let mostSyncs = 4

    private static func garbled(_ bytes: [UInt8]) -> [UInt8] { bytes.map { ($0 &* 0x1D) ^ 0xA5 | 0x80 } }

    /// How far from its own speed a UART takes what it hears (percent).
    static let baudTolerance = 4

    private func isClose(_ hostBaud: Int) -> Bool {
        abs(hostBaud - baud) * 100 <= Self.baudTolerance * baud
    }

    private mutating func answer(_ answer: LoaderAnswer?, at now: Duration) -> [Action] {
        guard let answer else { return [] }
        let begins = max(busyUntil, now)
        machine.flash.begin(at: begins, timing: timing)
        busyUntil = begins + timing.busy(answer.busy)
        if answer.flashBusy > .zero { flashBusyUntil = begins + timing.busy(answer.flashBusy) }
        if !answer.frames.isEmpty { say(answer.frames.flatMap(SLIP.encode), at: busyUntil) }
        switch answer.next {
        case .loader:
            return []
        case .restart:
            // The answer goes out first.
            schedule(.restart(.software), at: outputFree)
            return []
        case .runFlash:
            return runFlash(at: now)
        case .execute(let entry):
            return run(from: entry, at: now)
        case .baud(let rate):
            baud = rate
            machine.registers.set(baud: rate)
            return []
        }
    }

    /// Runs what is in the flash without a reset, and so without a word of the ROM's.
    private mutating func runFlash(at now: Duration) -> [Action] {
        mode = .running
        guard case .cpu = execution else {
            return [.started(hasImage: (try? FirmwareImage.parse(flash.read(0, flash.chip.bytes))) != nil)]
        }
        let entry = machine.boot().entry
        if let entry { execute(from: entry, isFromFlash: true, at: now) }
        return [.started(hasImage: entry != nil)]
    }
}
