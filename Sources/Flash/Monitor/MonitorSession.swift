import ESPLoader
import Foundation
import Glibc
import SerialPort

/// Listens to a board until the user quits: joins port, keys, screen and log on one thread.
///
/// Every wait is short, so that keys and signals are obeyed at once, but for one: a serial server is given
/// `SerialTimes.answer` to confirm a speed or a line that is set while the port is open.
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
    /// What becomes of the board once its port is open.
    var start: MonitorSettings.Start
    var opening: PortOpening?
    var reconnection = Reconnection()
    var bootPhase: BootPhase?
    /// Why the port could not be opened the last time.
    var trouble: SerialError.Reason?
    private var lastHeard = Duration.zero
    var outgoing: OutgoingFile?
    /// What has come while the user was asked for a name.
    var held: [UInt8]?
    var ending: Ending?
    /// What has gone wrong without ending it at once; the exit code's reason in the end.
    private var failure: FlashError?
    private var logHasFailed = false

    static let tick = Duration.milliseconds(10)
    /// The silence after which bytes show that wait for their row.
    private static let rest = Duration.milliseconds(200)
    static let writeLimit = Duration.seconds(1)
    private static let heldLimit = 1 << 20

    /// - Throws: ``FlashError`` when the log or a pattern cannot be used.
    init(
        _ settings: MonitorSettings, cancellation: Cancellation, flashAgain: FlashAgain? = nil
    ) throws(FlashError) {
        self.settings = settings
        self.cancellation = cancellation
        start = settings.start
        self.flashAgain = flashAgain
        output = MonitorOutput(cancellation: cancellation)
        isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        reconnects = settings.reconnects ?? isTerminal
        report = settings.explains ? CrashReport(elf: settings.elf) : nil
        if let path = settings.log { log = try MonitorLog(path: path) } else { log = nil }
        view = MonitorView(
            filter: try MonitorFilter(include: settings.include, exclude: settings.exclude), report: report,
            isTerminal: isTerminal, isRaw: settings.isRaw,
            showsTimestamps: settings.showsTimestamps, showsHex: settings.showsHex)
        keys = KeyMenu(lineEnding: settings.lineEnding)
        echoes = settings.echoes
    }

    var now: Duration { ContinuousClock.now - started }

    /// - Throws: ``FlashError``: the port cannot be used, it is lost and not waited for, stdout or the log cannot be written,
    ///   or the user has interrupted.
    func run() throws(FlashError) -> Ending {
        defer {
            opening?.abandon()
            port?.close()
        }
        defer { RawTerminal.restore() }
        try openFirst()
        if let trouble = report?.prepare() { say(trouble) }
        if isTerminal { RawTerminal.enter() }
        let keysHint = isTerminal ? " · Ctrl-] quits · Ctrl-T menu" : ""
        say("\(settings.address.name) at \(settings.baud) baud\(keysHint)")
        if port == nil { say("the port is not there yet; waiting for it") }
        while ending == nil {
            guard !cancellation.isAsked else {
                finish()
                throw interruption
            }
            RawTerminal.resume()
            do throws(SerialError) {
                try turn()
            } catch {
                try lose(error)
            }
            if output.isClosed { ending = .outputClosed }
        }
        finish()
        if let failure { throw failure }
        return ending ?? .quit
    }

    var interruption: FlashError { .interrupted(port: settings.address.name, state: "") }

    /// One round: what the board says, what the user types, what is due.
    private func turn() throws(SerialError) {
        if let port {
            let bytes = try port.read(within: Self.tick)
            if !bytes.isEmpty { receive(bytes) }
            if reconnection.isThere(at: now, hasHeard: !bytes.isEmpty) { say("\(settings.address.name) is back") }
            try followBootLog(port)
            try sendFile(port)
        } else {
            waitForKeys(Self.tick)
            try reopen()
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
        // First the log: a screen that is slow holds up what follows.
        append(shown.log)
        put(shown.screen)
        shown.notices.forEach(say)
    }

    private func append(_ text: String) {
        guard !text.isEmpty, let log, !logHasFailed else { return }
        do throws(FlashError) {
            try log.append(text)
        } catch {
            logHasFailed = true
            failure = error
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
        guard !bytes.isEmpty, ending != .outputClosed else { return }
        switch output.write(bytes) {
        case .written, .stopped: return
        case .closed: break
        case .failed(let code): failure = .outputFile(path: "stdout", reason: String(cString: strerror(code)))
        }
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
