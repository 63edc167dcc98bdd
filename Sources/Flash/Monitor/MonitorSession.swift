import ESPLoader
import Foundation
import Glibc
import SerialPort

/// Listens to a board until the user quits: joins port, keys, screen and log on one thread.
///
/// Every wait is short, so that keys and signals are obeyed at once, or bounded by the port's own limits.
final class MonitorSession {
    /// Writes again what was written before; the port is closed meanwhile.
    typealias FlashAgain = @Sendable (Cancellation) throws(FlashError) -> Void

    enum Ending: Equatable {
        case quit
        /// Nobody reads stdout any more.
        case outputClosed
    }

    let settings: MonitorSettings
    let cancellation: Cancellation
    let terminal: RawTerminal
    private let output: MonitorOutput
    let flashAgain: FlashAgain?
    let isTerminal: Bool
    let reconnects: Bool
    private let started = ContinuousClock.now
    let report: CrashReport?
    private let log: MonitorLog?

    var view: MonitorView
    var keys: KeyMenu
    var echo = LineAssembler()
    var echoes: Bool
    var port: (any SerialPort)?
    var bootPhase: BootPhase?
    /// Why the port could not be opened the last time.
    var trouble: SerialError.Reason?
    var nextAttempt = Duration.zero
    private var lastHeard = Duration.zero
    var outgoing: (name: String, bytes: ArraySlice<UInt8>, count: Int)?
    /// What has come while the user was asked for a name.
    var held: [UInt8]?
    var ending: Ending?
    private var logHasFailed = false

    static let tick = Duration.milliseconds(10)
    static let pause = Duration.milliseconds(500)
    /// The silence after which bytes show that wait for their row.
    private static let rest = Duration.milliseconds(200)
    static let writeLimit = Duration.seconds(1)
    private static let heldLimit = 1 << 20

    /// - Throws: ``FlashError`` when the log or a pattern cannot be used.
    init(
        _ settings: MonitorSettings, cancellation: Cancellation, terminal: RawTerminal, flashAgain: FlashAgain? = nil
    ) throws(FlashError) {
        self.settings = settings
        self.cancellation = cancellation
        self.terminal = terminal
        self.flashAgain = flashAgain
        output = MonitorOutput(cancellation: cancellation)
        isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        reconnects = settings.reconnects ?? isTerminal
        report = settings.explains ? CrashReport(elf: settings.elf) : nil
        if let path = settings.log { log = try MonitorLog(path: path) } else { log = nil }
        let filter: MonitorFilter
        do {
            filter = try MonitorFilter(include: settings.include, exclude: settings.exclude)
        } catch {
            throw .usage("a pattern is no regular expression: \(error)")
        }
        view = MonitorView(
            filter: filter, report: report, isTerminal: isTerminal, isRaw: settings.isRaw,
            showsTimestamps: settings.showsTimestamps, showsHex: settings.showsHex)
        keys = KeyMenu(lineEnding: settings.lineEnding)
        echoes = settings.echoes
    }

    var now: Duration { ContinuousClock.now - started }

    /// - Throws: ``FlashError``: the port cannot be used, it is lost and not waited for, or the user has interrupted.
    func run() throws(FlashError) -> Ending {
        try open(settings.start)
        if let trouble = report?.prepare() { say(trouble) }
        defer { port?.close() }
        if isTerminal { terminal.enter() }
        defer { terminal.restore() }
        let keysHint = isTerminal ? " · Ctrl-] quits · Ctrl-T menu" : ""
        say("\(settings.address.name) at \(settings.baud) baud\(keysHint)")
        while ending == nil {
            guard !cancellation.isAsked else {
                finish()
                throw .interrupted(port: settings.address.name, state: "")
            }
            do throws(SerialError) {
                try turn()
            } catch {
                try lose(error)
            }
            if output.isClosed { ending = .outputClosed }
        }
        finish()
        return ending ?? .quit
    }

    /// One round: what the board says, what the user types, what is due.
    private func turn() throws(SerialError) {
        if let port {
            let bytes = try port.read(within: Self.tick)
            if !bytes.isEmpty { receive(bytes) }
            try followBootLog(port)
            try sendFile(port)
        } else {
            waitForKeys(Self.tick)
            reopen()
        }
        show(view.explain())
        if view.showsHex, now - lastHeard >= Self.rest { show(view.rest(at: TimeOfDay.text())) }
        for action in keys.take(typed()) { try perform(action) }
    }

    // MARK: Showing

    func receive(_ bytes: [UInt8]) {
        lastHeard = now
        bootPhase?.receive(bytes, at: now)
        guard held != nil else {
            show(view.receive(bytes, at: TimeOfDay.text()))
            return
        }
        held?.append(contentsOf: bytes)
        if let waiting = held, waiting.count > Self.heldLimit {
            held = []
            show(view.receive(waiting, at: TimeOfDay.text()))
        }
    }

    func show(_ shown: MonitorView.Output) {
        put(shown.screen)
        guard !shown.log.isEmpty, let log, !logHasFailed else { return }
        do throws(FlashError) {
            try log.append(shown.log)
        } catch {
            logHasFailed = true
            say("\(error); the log has ended")
        }
    }

    /// Says something of the monitor's own: on a terminal among the board's lines, else on stderr.
    func say(_ text: String) {
        if isTerminal {
            put(view.notice(text))
        } else {
            try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
        }
    }

    func put(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, ending != .outputClosed, !output.write(bytes), !cancellation.isAsked else { return }
        ending = .outputClosed
    }

    func endQuestion() {
        guard let waiting = held else { return }
        held = nil
        show(view.receive(waiting, at: TimeOfDay.text()))
    }

    /// Shows what is left, the report's last words among it.
    func finish() {
        endQuestion()
        show(view.finish(at: TimeOfDay.text()))
        let deadline = now + AddressLookup.patience
        while report?.isBusy == true, now < deadline, ending == nil, !cancellation.isAsked {
            waitForKeys(Self.tick)
            show(view.explain())
        }
        if isTerminal { put(view.leave()) }
    }
}
