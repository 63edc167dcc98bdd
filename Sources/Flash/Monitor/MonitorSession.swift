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

    private let settings: MonitorSettings
    private let cancellation: Cancellation
    private let terminal: RawTerminal
    private let output: MonitorOutput
    private let flashAgain: FlashAgain?
    private let isTerminal: Bool
    private let reconnects: Bool
    private let started = ContinuousClock.now
    private let report: CrashReport?
    private let log: MonitorLog?

    private var view: MonitorView
    private var keys: KeyMenu
    private var echo = LineAssembler()
    private var echoes: Bool
    private var port: (any SerialPort)?
    private var bootPhase: BootPhase?
    private var nextAttempt = Duration.zero
    private var lastHeard = Duration.zero
    private var outgoing: (name: String, bytes: ArraySlice<UInt8>, count: Int)?
    /// What has come while the user was asked for a name.
    private var held: [UInt8]?
    private var ending: Ending?
    private var logHasFailed = false

    private static let tick = Duration.milliseconds(10)
    private static let pause = Duration.milliseconds(500)
    /// The silence after which bytes show that wait for their row.
    private static let rest = Duration.milliseconds(200)
    private static let writeLimit = Duration.seconds(1)
    private static let heldLimit = 1 << 20
    private static let bitsPerByte = 10

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

    private var now: Duration { ContinuousClock.now - started }

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

    private func receive(_ bytes: [UInt8]) {
        lastHeard = now
        bootPhase?.receive(bytes, at: now)
        if let waiting = held, waiting.count < Self.heldLimit {
            held = waiting + bytes
        } else {
            show(view.receive(bytes, at: TimeOfDay.text()))
        }
    }

    private func show(_ shown: MonitorView.Output) {
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
    private func say(_ text: String) {
        if isTerminal {
            put(view.notice(text))
        } else {
            try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
        }
    }

    private func put(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, ending != .outputClosed, !output.write(bytes), !cancellation.isAsked else { return }
        ending = .outputClosed
    }

    private func endQuestion() {
        guard let waiting = held else { return }
        held = nil
        show(view.receive(waiting, at: TimeOfDay.text()))
    }

    /// Shows what is left, the report's last words among it.
    private func finish() {
        endQuestion()
        show(view.finish(at: TimeOfDay.text()))
        let deadline = now + AddressLookup.patience
        while report?.isBusy == true, now < deadline, ending == nil, !cancellation.isAsked {
            waitForKeys(Self.tick)
            show(view.explain())
        }
        if isTerminal { put(view.leave()) }
    }

    // MARK: The port

    private func open(_ start: MonitorSettings.Start) throws(FlashError) {
        do {
            let port = try settings.address.open(baud: settings.baud)
            self.port = port
            // Both released at once do nothing to a board; the kernel has asserted both when it opened the port.
            try port.set(dtr: false, rts: false)
            if start == .reset || start == .resetIfPossible && port.hasModemLines { try play(.hard, on: port) }
        } catch {
            throw .port(error)
        }
    }

    private func lose(_ error: SerialError) throws(FlashError) {
        port?.close()
        port = nil
        bootPhase = nil
        outgoing = nil
        guard reconnects else {
            finish()
            throw .port(error)
        }
        endQuestion()
        show(view.finish(at: TimeOfDay.text()))
        say("\(error.reason == .lost ? "the port is gone" : "\(error)"); waiting for it to come back")
        nextAttempt = now + Self.pause
    }

    private func reopen() {
        guard now >= nextAttempt else { return }
        do throws(FlashError) {
            try open(.untouched)
            say("\(settings.address.name) is back")
        } catch {
            port?.close()
            port = nil
            nextAttempt = now + Self.pause
        }
    }

    private func followBootLog(_ port: any SerialPort) throws(SerialError) {
        guard let phase = bootPhase, phase.isOver(at: now) else { return }
        bootPhase = nil
        try port.set(baud: settings.baud)
    }

    /// Plays a reset and keeps what the board says meanwhile; listens to the ROM first where that was asked for.
    private func play(_ reset: ResetSequence, on port: any SerialPort) throws(SerialError) {
        guard port.hasModemLines else {
            say("this port carries no DTR and RTS: press the board's button")
            return
        }
        if let baud = settings.bootBaud { try port.set(baud: baud) }
        for step in reset.steps {
            switch step {
            case .lines(let dtr, let rts): try port.set(dtr: dtr, rts: rts)
            case .dtr(let isOn): try port.set(dtr: isOn, rts: nil)
            case .rts(let isOn): try port.set(dtr: nil, rts: isOn)
            case .pause(let length):
                let end = now + length
                while now < end {
                    let bytes = try port.read(within: min(Self.tick, end - now))
                    if !bytes.isEmpty { receive(bytes) }
                }
            }
        }
        bootPhase = settings.bootBaud.map { _ in BootPhase(at: now) }
    }

    // MARK: Keys

    private func waitForKeys(_ limit: Duration) {
        var entry = pollfd(fd: isTerminal ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, Int32(limit / .milliseconds(1)))
    }

    private func typed() -> [UInt8] {
        guard isTerminal else { return [] }
        var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count > 0 { return Array(buffer[..<count]) }
        // The terminal's window was closed.
        if count == 0 || errno != EINTR && errno != EAGAIN { ending = .outputClosed }
        return []
    }

    private func perform(_ action: KeyMenu.Action) throws(SerialError) {
        switch action {
        case .quit: ending = .quit
        case .send(let bytes): try send(bytes)
        case .menu: KeyMenu.help.forEach(say)
        case .unknown(let key): say("\(UTF8Pieces.escape([key])) is not in the menu")
        case .reset: try restart(.hard, "reset")
        case .bootloader: try restart(.tight(release: .milliseconds(50)), "reset into the loader")
        case .flashAgain: flash()
        case .toggleTimestamps:
            view.showsTimestamps.toggle()
            say("timestamps \(view.showsTimestamps ? "on" : "off")")
        case .toggleHex:
            show(view.rest(at: TimeOfDay.text()))
            view.showsHex.toggle()
            say("hex \(view.showsHex ? "on" : "off")")
        case .toggleEcho:
            echoes.toggle()
            say("echo \(echoes ? "on" : "off")")
        case .askFile:
            held = []
            put(view.question("file: ", isFirst: true))
        case .fileName(let name): put(view.question("file: \(Self.shown(name))"))
        case .cancelled:
            say("nothing is sent")
            endQuestion()
        case .sendFile(let path):
            prepare(path)
            endQuestion()
        }
    }

    private static func shown(_ name: String) -> String {
        var decoder = UTF8Pieces()
        return name.utf8.map { decoder.take($0) }.joined() + decoder.finish()
    }

    private func send(_ bytes: [UInt8]) throws(SerialError) {
        guard let port else { return }
        if echoes {
            for event in echo.take(bytes) {
                switch event {
                case .text(let text): put(view.echo(text, endsLine: false))
                case .lineEnd: put(view.echo("", endsLine: true))
                }
            }
        }
        do throws(SerialError) {
            try port.write(bytes, within: Self.writeLimit)
        } catch  where error.reason == .stalled {
            say("the board takes no bytes")
        }
    }

    private func restart(_ reset: ResetSequence, _ what: String) throws(SerialError) {
        guard let port else {
            say("the port is gone")
            return
        }
        if port.hasModemLines { say(what) }
        try play(reset, on: port)
    }

    private func flash() {
        guard let flashAgain else {
            say("nothing to flash again: start with iot flash write --monitor")
            return
        }
        say("flash again")
        port?.close()
        port = nil
        outgoing = nil
        terminal.restore()
        do throws(FlashError) {
            try flashAgain(cancellation)
        } catch {
            say("Error: \(error)")
        }
        if isTerminal { terminal.enter() }
        report?.reload()
        do throws(FlashError) {
            try open(.resetIfPossible)
        } catch {
            say("\(error)")
            port?.close()
            port = nil
            nextAttempt = now + Self.pause
        }
    }

    // MARK: Files

    private func prepare(_ path: String) {
        do throws(FlashError) {
            let bytes = try InputFile(path: NSString(string: path).expandingTildeInPath).bytes
            outgoing = (path, bytes[...], bytes.count)
        } catch {
            say(Self.shown(error.description))
        }
    }

    /// As much of a file as the line carries in one round, so that the board's answers are read in between.
    private func sendFile(_ port: any SerialPort) throws(SerialError) {
        guard let file = outgoing else { return }
        let piece = file.bytes.prefix(
            max(1, settings.baud / Self.bitsPerByte * Int(Self.tick / .milliseconds(1)) / 1000))
        do throws(SerialError) {
            try port.write(Array(piece), within: Self.writeLimit)
        } catch  where error.reason == .stalled {
            outgoing = nil
            say(
                "the board takes no bytes: \(Self.shown(file.name)) was sent up to byte \(file.count - file.bytes.count)"
            )
            return
        }
        outgoing?.bytes = file.bytes.dropFirst(piece.count)
        guard piece.count == file.bytes.count else { return }
        outgoing = nil
        say("sent \(Self.shown(file.name)), \(file.count) bytes")
    }
}
