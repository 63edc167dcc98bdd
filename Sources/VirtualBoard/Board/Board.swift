import ESPLoader
import NIOCore

/// A board: its chip, the wiring of its reset lines, its line with its faults, and the port that a host has opened.
///
/// Gives time and bytes to the chip and carries out what it wants. Everything happens on one event loop.
final class Board {
    let loop: any EventLoop
    var chip: Chip
    private var wiring = ResetWiring()
    private var line: FaultyLine
    var clock = BoardClock()
    var debugging: Debugging?
    private var wake: Scheduled<Void>?
    private weak var port: (any BoardPort)?
    private var silentUntil = Duration.zero
    private let trace: PinTrace?
    private let secondPort: RecordFile?
    private let calls: RecordFile?
    /// Those files of which the user knows that they are not whole.
    private var toldPaths: Set<String> = []
    private let onEvent: (Event) -> Void

    /// What the user is told.
    enum Event {
        /// The chip runs what is in its flash.
        case started(hasImage: Bool)
        /// The flash's file takes nothing any more, for this reason. Said once.
        case lost(String)
        /// A file that the board writes to as it goes takes nothing any more. Said once a file.
        case recordLost(path: String, reason: String)
        /// The program has stopped.
        case halted(Halt)
    }

    init(
        chip: Chip, line: FaultyLine, loop: any EventLoop, trace: PinTrace? = nil, secondPort: RecordFile? = nil,
        calls: RecordFile? = nil,
        onEvent: @escaping (Event) -> Void
    ) {
        self.trace = trace
        self.secondPort = secondPort
        self.calls = calls
        self.chip = chip
        self.line = line
        self.loop = loop
        self.onEvent = onEvent
    }

    /// What has passed over the line since the board was made.
    var totals: Chip.Totals { chip.totals }

    var now: Duration { clock.now }

    /// Power comes on.
    func powerOn() {
        loop.assertInEventLoop()
        perform(chip.cyclePower(at: now))
    }

    /// The board is put away: the flash ends what it is busy with.
    ///
    /// - Returns: Why files do not hold what was written to them, the flash's first.
    func finish() -> [BoardError] {
        loop.assertInEventLoop()
        chip.finish()
        flushRecords()
        let flash = chip.flash.failure.map { BoardError.flashLost(reason: "\($0)") }
        return [flash].compactMap(\.self)
            + records.compactMap { file in
                file.failure.map { BoardError.recordLost(path: file.path, reason: $0) }
            }
    }

    private var records: [RecordFile] { [trace?.file, secondPort, calls].compactMap(\.self) }

    private func flushRecords() {
        for file in records {
            file.flush()
            guard let reason = file.failure, toldPaths.insert(file.path).inserted else { continue }
            onEvent(.recordLost(path: file.path, reason: reason))
        }
    }

    /// A host opens the port.
    func attach(_ port: any BoardPort) {
        loop.assertInEventLoop()
        self.port = port
    }

    func detach(_ port: any BoardPort) {
        loop.assertInEventLoop()
        if self.port === port { self.port = nil }
    }

    func receive(_ bytes: [UInt8]) {
        loop.assertInEventLoop()
        guard let port else { return }
        let (heard, events) = line.toChip(bytes, baud: port.baud)
        perform(chip.receive(heard, baud: port.baud, at: now))
        for event in events {
            switch event {
            case .stuck: silentUntil = .seconds(1 << 40)
            case .silence(let time): silentUntil = max(silentUntil, now + time)
            case .brownOut: perform(chip.cyclePower(at: now))
            case .vanish:
                self.port = nil
                port.vanish()
            }
        }
    }

    /// The host changes its lines; true is asserted, nil leaves a line as it is.
    func set(dtr: Bool?, rts: Bool?) {
        loop.assertInEventLoop()
        switch wiring.set(dtr: dtr, rts: rts) {
        case .hold?:
            chip.hold(at: now)
            perform([])
        case .release(let gpio0)?: perform(chip.release(gpio0: gpio0, at: now))
        case nil: break
        }
    }

    func perform(_ actions: [Chip.Action]) {
        clock.isStopped = chip.isStill
        let said = chip.takeUART1()
        if !said.isEmpty { secondPort?.write(said) }
        flushRecords()
        for action in actions {
            switch action {
            case .send(let bytes, let baud):
                guard let port, now >= silentUntil else { continue }
                port.send(line.toHost(Self.heard(bytes, sentAt: baud, heardAt: port.baud), baud: port.baud))
            case .wake(let time):
                schedule(time)
            case .started(let hasImage):
                onEvent(.started(hasImage: hasImage))
            case .lost(let reason):
                onEvent(.lost(reason))
            case .halted(let reason):
                onEvent(.halted(reason))
            case .stopped(let stop):
                tellDebugger(stop)
            }
        }
    }

    /// What is left to the port between two slices of the CPU: a loop whose tasks are always due would not look at it.
    private static let breath = TimeAmount.microseconds(50)

    private func schedule(_ time: Duration) {
        wake?.cancel()
        guard !chip.isStill else { return }
        let delay = max(Self.breath, TimeAmount(max(.zero, time - now)))
        wake = loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            perform(chip.tick(at: now))
        }
    }

    /// What a host makes of bytes that come at another speed than its own: garbage.
    private static func heard(_ bytes: [UInt8], sentAt baud: Int, heardAt hostBaud: Int) -> [UInt8] {
        guard abs(baud - hostBaud) * 100 > Chip.baudTolerance * baud else { return bytes }
        return bytes.map { ($0 &* 0x1D) ^ 0xA5 | 0x80 }
    }
}
