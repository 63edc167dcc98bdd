import ESPLoader
import SerialPort

/// The port: opened, lost and found again, and what its lines do to the board.
extension MonitorSession {
    func open(_ start: MonitorSettings.Start) throws(FlashError) {
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

    func lose(_ error: SerialError) throws(FlashError) {
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

    func reopen() {
        guard now >= nextAttempt else { return }
        do throws(FlashError) {
            try open(.untouched)
            trouble = nil
            say("\(settings.address.name) is back")
        } catch {
            port?.close()
            port = nil
            nextAttempt = now + Self.pause
            tellTrouble(error)
        }
    }

    /// What keeps a port that is back from being used, once; that it is not back yet was said.
    private func tellTrouble(_ error: FlashError) {
        guard case .port(let error) = error, error.reason != trouble else { return }
        trouble = error.reason
        switch error.reason {
        case .lost, .noSuchPort, .unreachable: break
        default: say("\(error)")
        }
    }

    func followBootLog(_ port: any SerialPort) throws(SerialError) {
        guard let phase = bootPhase, phase.isOver(at: now) else { return }
        bootPhase = nil
        try port.set(baud: settings.baud)
    }

    /// Plays a reset and keeps what the board says meanwhile; listens to the ROM first where that was asked for.
    func play(_ reset: ResetSequence, on port: any SerialPort) throws(SerialError) {
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
}
