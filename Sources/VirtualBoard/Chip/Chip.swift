import ESPLoader

/// An ESP8266 with its flash: bytes, lines and time in, bytes out.
///
/// After each call the owner carries out the actions and calls `tick` at the time of the last `wake`.
public struct Chip {
    public enum Action: Sendable, Equatable {
        /// Bytes that are on the wire now, sent at this speed.
        case send([UInt8], baud: Int)
        /// Call `tick` at this time.
        case wake(at: Duration)
        /// The chip runs what is in its flash: nothing executes it.
        case started(hasImage: Bool)
        /// What was written is lost, for this reason: the medium of the flash takes it no more. Said once.
        case lost(String)
        /// The program has stopped, for this reason.
        case halted(Machine.Halt)
    }

    /// What has passed since the chip was made.
    public struct Totals: Sendable, Equatable {
        /// Bytes from the host and to it.
        public var heard = 0
        public var said = 0
        /// How long the chip or its flash was busy erasing and programming.
        public var busy = Duration.zero
    }

    /// What the chip is doing.
    public enum Mode: Sendable, Equatable {
        /// EN is low.
        case held
        case romLoader
        /// A stub is answered for.
        case stub
        /// The CPU runs a program.
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
        case restart
    }

    public private(set) var mode = Mode.held
    public var flash: SPIFlash { machine.flash }
    public private(set) var totals = Totals()
    private let machine: Machine
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
    /// Whether the program has neither said nor heard anything of late.
    private var isIdle = false

    public init(
        flash: SPIFlash, eFuses: EFuses, timing: ChipTiming, execution: Execution, entersLoaderOnSync: Bool
    ) {
        machine = Machine(flash: flash, eFuses: eFuses, timing: timing)
        self.timing = timing
        self.execution = execution
        self.entersLoaderOnSync = entersLoaderOnSync
    }

    public var eFuses: EFuses { machine.registers.eFuses }

    /// EN goes low: everything but the flash and the eFuses is forgotten. The flash ends the command that it is busy with.
    public mutating func hold(at now: Duration) {
        machine.flash.dropQueued(at: now)
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
        return start(gpio0: true, cause: .powerOn, at: now)
    }

    /// Lets the flash end what it is busy with, as it does when nothing stops it.
    public mutating func finish() {
        machine.flash.finish()
    }

    private mutating func start(gpio0: Bool, cause: BootLog.ResetCause, at now: Duration) -> [Action] {
        hold(at: now)
        baud = BootLog.baud
        machine.registers.set(baud: baud)
        inputFree = now
        outputFree = now
        busyUntil = now
        mode = gpio0 ? .running : .romLoader
        var text = BootLog.start(cause, isDownload: !gpio0)
        var started: [Action] = []
        if gpio0 {
            let image = try? FirmwareImage.parse(flash.read(0, flash.chip.bytes)).image
            if let image { text += BootLog.loading(image) }
            started = [.started(hasImage: image != nil)]
        }
        say(Array(text.utf8), at: now)
        return started + tick(at: now)
    }

    /// What the host has sent, at its speed.
    public mutating func receive(_ bytes: [UInt8], baud hostBaud: Int, at now: Duration) -> [Action] {
        guard mode != .held, waitingInput + bytes.count <= Self.inputLimit else { return [] }
        totals.heard += bytes.count
        if mode == .executing {
            guard machine.waiting + bytes.count <= Self.inputLimit else { return [] }
            machine.receive(isClose(hostBaud) ? bytes : Self.garbled(bytes), baud: hostBaud, at: now)
            return tick(at: now)
        }
        waitingInput += bytes.count
        inputFree = max(inputFree, now) + timing.wire(bytes.count, baud: hostBaud)
        schedule(.arrived(bytes, baud: hostBaud), at: inputFree)
        return tick(at: now)
    }

    /// Does what is due.
    public mutating func tick(at now: Duration) -> [Action] {
        var actions = mode == .executing ? execute(until: now) : []
        machine.flash.settle(at: now)
        while let first = events.first, due(first) <= now {
            events.removeFirst()
            switch first.event {
            case .sent(let bytes, let baud):
                actions.append(.send(bytes, baud: baud))
            case .arrived(let bytes, let hostBaud):
                waitingInput -= bytes.count
                actions += hear(bytes, baud: hostBaud, at: max(first.at, busyUntil))
            case .restart:
                actions += start(gpio0: true, cause: .software, at: first.at)
            }
        }
        machine.flash.settle(at: now)
        if let failure = flash.failure, !isFailureTold {
            isFailureTold = true
            actions.append(.lost("\(failure)"))
        }
        if let next = [events.first.map(due), flash.nextEnd, nextSlice(after: now)].compactMap(\.self).min() {
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
        totals.said += bytes.count
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
            mode = .executing
            machine.start(entry: entry, baud: baud, at: max(busyUntil, outputFree, now))
        case .standIn:
            mode = .stub
            stub = StubStandIn()
            say(SLIP.encode(StubStandIn.greeting), at: busyUntil)
        }
        return []
    }

    private mutating func execute(until now: Duration) -> [Action] {
        guard machine.halt == nil else { return [] }
        var actions: [Action] = []
        var bytes: [UInt8] = []
        for (byte, speed) in machine.run(until: now) {
            if speed != baud, !bytes.isEmpty {
                actions.append(.send(bytes, baud: baud))
                bytes = []
            }
            baud = speed
            bytes.append(byte)
        }
        isIdle = bytes.isEmpty && machine.waiting == 0
        totals.said += bytes.count
        if !bytes.isEmpty { actions.append(.send(bytes, baud: baud)) }
        baud = machine.uart.baud
        if machine.halt == .restart {
            actions += start(gpio0: true, cause: .software, at: now)
        } else if let halt = machine.halt {
            actions.append(.halted(halt))
        }
        return actions
    }

    /// When the CPU must run on.
    private func nextSlice(after now: Duration) -> Duration? {
        guard mode == .executing, machine.halt == nil else { return nil }
        return timing == .fast && !isIdle ? now : now + .milliseconds(1)
    }

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
        totals.busy += answer.busy + answer.flashBusy
        if answer.flashBusy > .zero { flashBusyUntil = begins + timing.busy(answer.flashBusy) }
        if !answer.frames.isEmpty { say(answer.frames.flatMap(SLIP.encode), at: busyUntil) }
        switch answer.next {
        case .loader:
            return []
        case .restart:
            // The answer goes out first.
            schedule(.restart, at: outputFree)
            return []
        case .runFlash:
            mode = .running
            return [.started(hasImage: (try? FirmwareImage.parse(flash.read(0, flash.chip.bytes))) != nil)]
        case .execute(let entry):
            return run(from: entry, at: now)
        case .baud(let rate):
            baud = rate
            machine.registers.set(baud: rate)
            return []
        }
    }
}
