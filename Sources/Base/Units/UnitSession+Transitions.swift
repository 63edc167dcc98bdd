import Settings
import UnitProtocol

extension UnitSession {
    mutating func opened(_ actions: inout [Action], _ now: Duration) {
        if case .closing = phase { return actions.append(.abort) }
        guard phase == .connecting else { return }
        phase = .open
        openedAt = now
        counts.reconnects = connections
        connections += 1
        resumeAt = nil
        startListening(now)
        decoder = MeasurementDecoder(maximumLineBytes: unit.lineLimit)
        outbound.connectionOpened(at: now)
        if !isRead { backoff.reset() }
        actions.append(.connected)
    }

    mutating func gone(_ reason: String, _ actions: inout [Action], _ now: Duration) {
        let before = phase
        switch before {
        case .idle, .waiting, .admitted: return
        case .connecting, .open, .closing: break
        }
        for id in outbound.connectionLost() {
            actions.append(.commandFinished(id: id, .failed(.connectionLost(reason))))
        }
        if case .closing = before {
            phase = isRead ? .waiting(until: now + nextPause()) : .idle
            return
        }
        lose(reason, &actions, now)
        phase = .waiting(until: now + nextPause())
    }

    /// Tells of a connection that is lost, or could not be made, and counts it when it stood.
    private mutating func lose(_ reason: String, _ actions: inout [Action], _ now: Duration) {
        lastReason = reason
        actions.append(.lost(reason))
        guard phase == .open, isRead, !isStopping, quarantine.lose(at: now) else { return }
        actions.append(.quarantined)
    }

    /// In quarantine about the probe period, from three quarters to five quarters of it.
    private mutating func nextPause() -> Duration {
        quarantine.isActive
            ? unit.flaps.probePeriod * (0.75 + 0.5 * random()) : backoff.next(fraction: random())
    }

    /// Silence counts from now on.
    mutating func startListening(_ now: Duration) {
        heardAt = now
        cadence.interrupt()
    }

    mutating func received(_ bytes: [UInt8], _ actions: inout [Action], _ now: Duration) {
        guard phase == .open else { return }
        counts.bytes += bytes.count
        heardAt = now
        // Cut into lines though nobody reads them, so that reading can begin in the midst of a line.
        let lines = decoder.decode(bytes)
        if isRead { cadence.hear(at: now) }
        for line in lines where isRead {
            switch line {
            case .measurement(let measurement):
                counts.lines += 1
                backoff.reset()
                actions.append(.deliver(measurement))
            case .malformed(let reason):
                counts.malformed[reason, default: 0] += 1
                actions.append(.malformed(reason))
            }
        }
        // Bytes that end no line are work as well: as many as the longest line count as one.
        throttle(max(isRead ? lines.count : 0, bytes.count / unit.lineLimit), &actions, now)
    }

    private mutating func throttle(_ lines: Int, _ actions: inout [Action], _ now: Duration) {
        let paid = lineBucket.take(lines, at: now)
        guard paid > now || isOutboxBehind() else { return }
        if resumeAt == nil {
            if paid > now { counts.throttled += 1 }
            actions.append(.pauseReading)
        }
        resumeAt = max(paid, now + readingPause)
    }

    private var readingPause: Duration {
        Self.shortestReadingPause + (isOutboxBehind() ? Self.readingSpread * random() : .zero)
    }

    mutating func accept(_ id: Int, _ command: Command, _ actions: inout [Action], _ now: Duration) {
        guard !isStopping else {
            actions.append(.commandFinished(id: id, .failed(stopFailure)))
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
        let earliest = lastAttempt.map { max(now, $0 + unit.backoffMinimum) } ?? now
        switch phase {
        case .waiting(let until): phase = .waiting(until: min(until, earliest))
        case .admitted(let moment): phase = .admitted(at: min(moment, earliest))
        case .idle, .connecting, .open, .closing: break
        }
    }

    mutating func stop(_ now: Duration) {
        guard stopAt == nil else { return }
        stopAt = now + Self.stopLimit
        outbound.limitDeadlines(to: now + Self.stopLimit)
    }

    mutating func end(within limit: Duration, _ now: Duration) {
        let latest = min(endAt ?? now + limit, now + limit)
        endAt = latest
        // Commands have half of it, so that the unit has the rest to close its side.
        let last = min(stopAt ?? now + Self.stopLimit, now + limit / 2)
        stopAt = last
        outbound.limitDeadlines(to: last)
        if case .closing(let closeAt?) = phase { phase = .closing(limit: min(closeAt, latest)) }
    }

    /// What follows from it, ``advance(_:_:)`` does.
    mutating func setRead(_ isWanted: Bool, _ actions: inout [Action], _ now: Duration) {
        guard isWanted != isRead else { return }
        isRead = isWanted
        if isWanted {
            startListening(now)
            if phase == .idle, !isStopping { phase = .waiting(until: now) }
        } else {
            quarantine = Quarantine(
                limit: unit.flaps.count, window: unit.flaps.window, steady: unit.flaps.steadyTime)
            backoff.reset()
            if phase == .connecting, outbound.isEmpty { abort(&actions) }
            // The unit's answer to our end of the connection is to be seen.
            if resumeAt != nil, phase == .open {
                resumeAt = nil
                actions.append(.resumeReading)
            }
        }
    }

    /// Everything that time or the queue asks for, whatever the input was.
    mutating func advance(_ actions: inout [Action], _ now: Duration) {
        expire(&actions, now)
        switch phase {
        case .idle:
            if !outbound.isEmpty {
                dialForCommand(&actions, now)
            } else if isStopping {
                actions.append(.stopped)
            }
        case .waiting(let moment), .admitted(let moment): advanceWaiting(moment, &actions, now)
        case .connecting:
            if isStopping, outbound.isEmpty { abort(&actions) }
        case .open: advanceOpen(&actions, now)
        case .closing(let limit):
            if let limit, now >= limit { abort(&actions) }
        }
    }

    private mutating func advanceWaiting(_ moment: Duration, _ actions: inout [Action], _ now: Duration) {
        if outbound.isEmpty, isStopping || !isRead {
            phase = .idle
            backoff.reset()
            if isStopping { actions.append(.stopped) }
            return
        }
        guard now >= moment else { return }
        if case .admitted = phase { return connect(&actions, now) }
        if !outbound.isEmpty { return dialForCommand(&actions, now) }
        let turn = dial(now)
        if turn > now {
            phase = .admitted(at: turn)
        } else {
            connect(&actions, now)
        }
    }

    private mutating func advanceOpen(_ actions: inout [Action], _ now: Duration) {
        let bytes = outbound.takeUnwritten()
        if !bytes.isEmpty { actions.append(.write(bytes)) }
        if let resumeAt, now >= resumeAt {
            if isOutboxBehind() {
                self.resumeAt = now + readingPause
            } else {
                self.resumeAt = nil
                startListening(now)
                actions.append(.resumeReading)
            }
        }
        if quarantine.stand(since: openedAt, at: now) { actions.append(.released) }
        guard let leaveAt, now >= leaveAt else { return }
        if isRead, !isStopping {
            lose(silence, &actions, now)
            // It may speak more slowly than it was heard to: after a burst, each connection would else be cut before that shows.
            cadence = LineCadence()
            abort(&actions)
        } else {
            let limit = min(now + Self.closeLimit, endAt ?? now + Self.closeLimit)
            guard limit > now else { return abort(&actions) }
            phase = .closing(limit: limit)
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
        // Who is not read is not silent.
        guard resumeAt == nil else { return nil }
        let silenceEnd = heardAt + silenceLimit
        return outbound.hasWritten ? max(silenceEnd, dwellEnd) : silenceEnd
    }

    private var silenceLimit: Duration {
        cadence.silenceLimit(
            factor: unit.silenceFactor, minimum: unit.silenceMinimum, maximum: unit.idleLimit)
    }

    private var silence: String {
        guard let period = cadence.period, silenceLimit < unit.idleLimit else {
            return "silent for \(unit.idlePeriods) periods"
        }
        return "silent for \(silenceLimit.settingsText), and its lines came every \(period.settingsText)"
    }

    /// Fails commands whose time is up. One whose bytes are with TCP takes the connection along: the unit must not
    /// act on it after it was called failed.
    private mutating func expire(_ actions: inout [Action], _ now: Duration) {
        let expired = outbound.expire(at: now)
        for id in expired.written {
            actions.append(.commandFinished(id: id, .failed(isStopping ? stopFailure : .notAcknowledged)))
        }
        for id in expired.waiting {
            let reason: CommandFailure = isStopping ? stopFailure : commands.ttl == nil ? .notConnected : .expired
            actions.append(.commandFinished(id: id, .failed(reason)))
        }
        if !expired.written.isEmpty, phase == .open {
            lose("a command was not acknowledged", &actions, now)
            abort(&actions)
        }
    }

    private mutating func abort(_ actions: inout [Action]) {
        phase = .closing(limit: nil)
        actions.append(.abort)
    }

    /// Somebody waits: at once, but as one of those that count for the rate of all units.
    private mutating func dialForCommand(_ actions: inout [Action], _ now: Duration) {
        _ = dial(now)
        connect(&actions, now)
    }

    private mutating func connect(_ actions: inout [Action], _ now: Duration) {
        phase = .connecting
        lastAttempt = now
        actions.append(.connect)
    }
}
