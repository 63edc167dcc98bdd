import LX106

/// Where a debugger's answers go.
protocol DebuggerPort: AnyObject {
    /// Sends to the debugger, in order; never blocks.
    func send(_ bytes: [UInt8])
    /// The debugger has said that it goes: ends the connection once all is sent.
    func end()
}

/// A board with a debugger: it obeys the session, and time stands still with the CPU.
extension Board {
    struct Debugging {
        var session = DebugSession()
        let port: any DebuggerPort
    }

    /// A debugger comes; there may be only one. The CPU halts.
    func attach(_ debugger: any DebuggerPort) {
        loop.assertInEventLoop()
        debugging = Debugging(port: debugger)
        chip.attachDebugger(at: now)
        perform([])
    }

    /// The debugger is gone, in whatever way: the board runs on.
    func detach(_ debugger: any DebuggerPort) {
        loop.assertInEventLoop()
        guard debugging?.port === debugger else { return }
        debugging?.session.close(chip.processor)
        debugging = nil
        runOn { chip.detachDebugger(at: now) }
    }

    /// What has come from the debugger.
    func receive(fromDebugger bytes: [UInt8]) {
        loop.assertInEventLoop()
        obey(debugging?.session.receive(bytes, chip.processor) ?? [])
    }

    /// The CPU, which the debugger has let run, stands still.
    func tellDebugger(_ stop: Stop) {
        obey(debugging?.session.ended(stop, chip.processor) ?? [])
    }

    private func obey(_ actions: [DebugSession.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes): debugging?.port.send(bytes)
            case .step:
                let (stop, actions) = chip.step(at: now)
                clock.advance(to: chip.time)
                perform(actions)
                tellDebugger(stop)
            case .run: runOn { chip.resume(at: now) }
            case .halt:
                chip.halt(at: now)
                perform([])
                tellDebugger(.paused)
            case .reset: perform(chip.pressReset(at: now))
            case .detach, .kill: debugging?.port.end()
            }
        }
    }

    /// Time goes on first.
    private func runOn(_ body: () -> [Chip.Action]) {
        clock.isStopped = false
        perform(body())
    }
}
