import ESPLoader
import SerialPort

/// The port: opened, lost and found again, and what its lines do to the board.
extension MonitorSession {
    /// Opens the port for the first time; where it is not there and is to be waited for, that is done later.
    func openFirst() throws(FlashError) {
        let outcome: PortOpening.Outcome
        do throws(SerialError) {
            try OwnTerminal.refuse(settings.address)
            outcome = try firstOutcome()
        } catch {
            throw .port(error)
        }
        guard !cancellation.isAsked else { throw interruption }
        do throws(SerialError) {
            try use(try outcome.get())
        } catch {
            guard settings.reconnects == true, error.isAbsence else { throw .port(error) }
            miss(error)
        }
    }

    private func firstOutcome() throws(SerialError) -> PortOpening.Outcome {
        let opening = beginOpening()
        while !cancellation.isAsked {
            guard let outcome = opening.outcome(within: Self.tick) else { continue }
            self.opening = nil
            return outcome
        }
        return .failure(SerialError(settings.address.name, .lost))
    }

    private func beginOpening() -> PortOpening {
        let opening = PortOpening { [address = settings.address, baud = settings.baud] () throws(SerialError) in
            let port = try address.open(baud: baud)
            do throws(SerialError) {
                // Both released do nothing to a board; the kernel has asserted both when it opened the port.
                try port.set(dtr: false, rts: false)
            } catch {
                port.close()
                throw error
            }
            return port
        }
        self.opening = opening
        return opening
    }

    /// - Returns: Whether that it is back is worth saying.
    @discardableResult private func use(_ port: any SerialPort) throws(SerialError) -> Bool {
        self.port = port
        let isNews = reconnection.opened(at: now)
        trouble = nil
        let start = start
        self.start = .untouched
        if start == .reset || start == .resetIfPossible && port.hasModemLines { try play(.hard, on: port) }
        return isNews
    }

    func lose(_ error: SerialError) throws(FlashError) {
        port?.close()
        port = nil
        bootPhase = nil
        guard reconnects else {
            finish()
            throw .port(error)
        }
        endQuestion()
        show(view.finish(at: TimeOfDay.text()))
        stopSending("the port is gone")
        switch reconnection.lost(at: now) {
        case .gone:
            say("\(error.reason == .lost ? "the port is gone" : "\(error)"); waiting for it to come back")
        case .refused:
            say("gone as soon as it is opened: has another program got it? Trying less often")
        case nil: break
        }
    }

    /// Opens the port again when it is time, without waiting for it.
    func reopen() throws(SerialError) {
        guard let opening else {
            if reconnection.isDue(at: now) { _ = beginOpening() }
            return
        }
        guard let outcome = opening.outcome(within: .zero) else { return }
        self.opening = nil
        switch outcome {
        case .success(let port): if try use(port) { say("\(settings.address.name) is back") }
        case .failure(let error): miss(error)
        }
    }

    /// Says what keeps a port that is back from being used, once; that it is not back yet was said.
    private func miss(_ error: SerialError) {
        reconnection.failed(at: now)
        guard error.reason != trouble else { return }
        trouble = error.reason
        if !error.isAbsence { say("\(error)") }
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

extension SerialError {
    /// Whether it may be there a little later.
    fileprivate var isAbsence: Bool {
        switch reason {
        case .lost, .noSuchPort, .noSuchAdapter, .unreachable: true
        default: false
        }
    }
}
