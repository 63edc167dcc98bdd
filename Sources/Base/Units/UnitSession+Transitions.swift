import UnitProtocol

extension UnitSession {
    mutating func opened(_ actions: inout [Action], _ now: Duration) {
        if case .closing = phase { return actions.append(.abort) }
        guard phase == .connecting else { return }
        phase = .open
        heardAt = now
        decoder = MeasurementDecoder()
        outbound.connectionOpened(at: now)
        if !isRead { backoff.reset() }
        actions.append(.connected)
    }

    mutating func gone(_ reason: String, _ actions: inout [Action], _ now: Duration) {
        let wasOurs: Bool
        switch phase {
        case .idle, .waiting: return
        case .connecting, .open: wasOurs = false
        case .closing: wasOurs = true
        }
        for id in outbound.connectionLost() {
            actions.append(.commandFinished(id: id, .failed(.connectionLost(reason))))
        }
        if !wasOurs { actions.append(.lost(reason)) }
        phase = wasOurs && !isRead ? .idle : .waiting(until: now + backoff.next(fraction: random()))
    }

    mutating func received(_ bytes: [UInt8], _ actions: inout [Action], _ now: Duration) {
        guard phase == .open, isRead else { return }
        heardAt = now
        for line in decoder.decode(bytes) {
            switch line {
            case .measurement(let measurement):
                backoff.reset()
                actions.append(.deliver(measurement))
            case .malformed(let reason):
                actions.append(.malformed(reason))
            }
        }
    }

    mutating func accept(_ id: Int, _ command: Command, _ actions: inout [Action], _ now: Duration) {
        guard !isStopping else {
            actions.append(.commandFinished(id: id, .failed(.stopping)))
            return
        }
        if commands.newestWins {
            for replaced in outbound.removeUnwritten() {
                actions.append(.commandFinished(id: replaced, .failed(.superseded)))
            }
        }
        let expiry = now + (commands.ttl ?? commands.timeout)
        guard outbound.add(id: id, command, expiry: expiry, deadline: now + commands.timeout) else {
            actions.append(.commandFinished(id: id, .failed(.queueFull(commands.queue))))
            return
        }
        // Somebody waits: the pause of a unit that was away is cut short, but never below the shortest.
        if case .waiting(let until) = phase, let lastAttempt {
            phase = .waiting(until: min(until, max(now, lastAttempt + unit.backoffMinimum)))
        }
    }

    mutating func stop(_ now: Duration) {
        guard stopAt == nil else { return }
        stopAt = now + Self.stopLimit
        outbound.limitDeadlines(to: now + Self.stopLimit)
    }

    /// Everything that time or the queue asks for, whatever the input was.
    mutating func advance(_ actions: inout [Action], _ now: Duration) {
        expire(&actions, now)
        switch phase {
        case .idle:
            if !outbound.isEmpty {
                connect(&actions, now)
            } else if isStopping {
                actions.append(.stopped)
            }
        case .waiting(let until):
            if outbound.isEmpty, isStopping || !isRead {
                phase = .idle
                backoff.reset()
                if isStopping { actions.append(.stopped) }
            } else if now >= until {
                connect(&actions, now)
            }
        case .connecting:
            if isStopping, outbound.isEmpty {
                phase = .closing(limit: nil)
                actions.append(.abort)
            }
        case .open: advanceOpen(&actions, now)
        case .closing(let limit):
            if let limit, now >= limit {
                phase = .closing(limit: nil)
                actions.append(.abort)
            }
        }
    }

    private mutating func advanceOpen(_ actions: inout [Action], _ now: Duration) {
        let bytes = outbound.takeUnwritten()
        if !bytes.isEmpty { actions.append(.write(bytes)) }
        guard let leaveAt, now >= leaveAt else { return }
        if isRead, !isStopping {
            actions.append(.lost("silent for \(unit.idlePeriods) periods"))
            abort(&actions)
        } else {
            phase = .closing(limit: now + Self.closeLimit)
            actions.append(.finishWriting)
        }
    }

    /// When an open connection is to be left: a silent one after the idle limit, one that is not needed after the
    /// dwell; never while bytes are under way.
    var leaveAt: Duration? {
        guard outbound.isEmpty else { return nil }
        let dwellEnd = outbound.quietSince + commands.dwell
        if let stopAt { return min(dwellEnd, stopAt) }
        guard isRead else { return dwellEnd }
        return outbound.hasWritten ? max(heardAt + unit.idleLimit, dwellEnd) : heardAt + unit.idleLimit
    }

    /// Fails commands whose time is up. One whose bytes are with TCP takes the connection along: the unit must not
    /// act on it after it was called failed.
    private mutating func expire(_ actions: inout [Action], _ now: Duration) {
        let expired = outbound.expire(at: now)
        for id in expired.written {
            actions.append(.commandFinished(id: id, .failed(isStopping ? .stopping : .notAcknowledged)))
        }
        for id in expired.waiting {
            let reason: CommandFailure = isStopping ? .stopping : commands.ttl == nil ? .notConnected : .expired
            actions.append(.commandFinished(id: id, .failed(reason)))
        }
        if !expired.written.isEmpty, phase == .open {
            actions.append(.lost("a command was not acknowledged"))
            abort(&actions)
        }
    }

    private mutating func abort(_ actions: inout [Action]) {
        phase = .closing(limit: nil)
        actions.append(.abort)
    }

    private mutating func connect(_ actions: inout [Action], _ now: Duration) {
        phase = .connecting
        lastAttempt = now
        actions.append(.connect)
    }
}
