import ESPLoader
import Foundation
import Glibc
import SerialPort

/// What the user types, and what comes of it.
extension MonitorSession {
    private static let bitsPerByte = 10

    func waitForKeys(_ limit: Duration) {
        var entry = pollfd(fd: isTerminal ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, Int32(limit / .milliseconds(1)))
    }

    func typed() -> [UInt8] {
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

    func prepare(_ path: String) {
        do throws(FlashError) {
            let bytes = try InputFile(path: NSString(string: path).expandingTildeInPath).bytes
            outgoing = (path, bytes[...], bytes.count)
        } catch {
            say(Self.shown(error.description))
        }
    }

    /// As much of a file as the line carries in one round, so that the board's answers are read in between.
    func sendFile(_ port: any SerialPort) throws(SerialError) {
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
