import ESPLoader
import Foundation
import Glibc
import SerialPort

/// What the user types, and what comes of it.
extension MonitorSession {
    func waitForKeys(_ limit: Duration) {
        var entry = pollfd(fd: RawTerminal.isTaken ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, Int32(limit / .milliseconds(1)))
    }

    func typed() -> [UInt8] {
        guard RawTerminal.isTaken else { return [] }
        var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count > 0 { return Array(buffer[..<count]) }
        // The terminal's window was closed.
        if count == 0 || errno != EINTR && errno != EAGAIN { ending = .outputClosed }
        return []
    }

    func perform(_ action: KeyMenu.Action) throws(SerialError) {
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
        case .fileName(let name): put(view.question("file: \(UTF8Pieces.shown(name))"))
        case .cancelled:
            say("nothing is sent")
            endQuestion()
        case .sendFile(let path):
            prepare(path)
            endQuestion()
        }
    }

    func send(_ bytes: [UInt8]) throws(SerialError) {
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

    func restart(_ reset: ResetSequence, _ what: String) throws(SerialError) {
        guard let port else {
            say("the port is gone")
            return
        }
        if port.hasModemLines { say(what) }
        try play(reset, on: port)
    }

    func flash() {
        guard let flashAgain else {
            say("nothing to flash again: start with iot flash write --monitor")
            return
        }
        say("flash again")
        opening?.abandon()
        opening = nil
        port?.close()
        port = nil
        stopSending("the board is flashed")
        RawTerminal.restore()
        do throws(FlashError) {
            try flashAgain(cancellation)
        } catch {
            say("Error: \(error)")
        }
        if isTerminal { RawTerminal.enter() }
        report?.reload()
        start = .resetIfPossible
        reconnection = Reconnection()
    }

    func prepare(_ path: String) {
        do throws(FlashError) {
            let bytes = try InputFile(path: NSString(string: path).expandingTildeInPath).bytes
            outgoing = OutgoingFile(name: UTF8Pieces.shown(path), bytes: bytes, at: now)
        } catch {
            say(UTF8Pieces.shown(error.description))
        }
    }

    /// As much of a file as the line carries meanwhile, so that the board's answers are read in between.
    func sendFile(_ port: any SerialPort) throws(SerialError) {
        guard var file = outgoing else { return }
        let piece = file.next(at: now, baud: settings.baud)
        if !piece.isEmpty {
            do throws(SerialError) {
                try port.write(piece, within: Self.writeLimit)
            } catch  where error.reason == .stalled {
                stopSending("the board takes no bytes")
                return
            }
        }
        outgoing = file.isSent ? nil : file
        if file.isSent { say("sent \(file.name), \(file.count) bytes") }
    }

    /// What of a piece has gone out nobody knows, so the bytes before it are named.
    func stopSending(_ why: String) {
        guard let file = outgoing else { return }
        outgoing = nil
        say("\(why): of \(file.name) at least \(file.sent) of \(file.count) bytes were sent")
    }
}
