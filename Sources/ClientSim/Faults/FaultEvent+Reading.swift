import Settings

extension FaultEvent {
    private static let times = Duration.zero...Duration.seconds(365 * 86_400)
    private static let lengths = Duration.milliseconds(1)...Duration.seconds(365 * 86_400)
    private static let rounds = Duration.milliseconds(10)...Duration.seconds(365 * 86_400)
    /// How long the peer of a half-open connection hears nothing.
    static let usualSilence = Duration.seconds(60)

    /// Reads an event of a timeline, or reports what is wrong with it.
    ///
    /// - Parameters:
    ///   - layout: Whose names it may say; nil where they are not known.
    ///   - isNow: Whether it begins when it is read; it then has no `at`.
    init?(reading event: SettingsReader, layout: FleetLayout?, isNow: Bool = false) {
        let at = isNow ? nil : event.duration("at", in: Self.times)
        if !isNow, event.node("at") == nil { event.report("at", "is missing; it is the time after the start: 30s") }
        let kind = event.choice("fault", of: Fault.Kind.self)
        if event.node("fault") == nil {
            let words = Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            event.report("fault", "is missing; write one of \(words)")
        }
        let length = event.duration("for", in: Self.lengths)
        let every = event.duration("every", in: Self.rounds)
        let times = event.integer("times", in: 1...1_000_000)
        let target = FaultTarget(reading: event, layout: layout)
        guard let kind else {
            // What a fault has of its own is not known; nothing is said of keys.
            return nil
        }
        let fault = Fault(kind, reading: event)
        event.finish()
        if kind.isMoment, length != nil {
            event.report("for", "does not go with \(kind.rawValue), which is at once over")
        }
        if let length, let every, every <= length {
            event.report("every", "must be longer than the fault itself, \(length.settingsText)")
        }
        if times != nil, every == nil { event.report("times", "goes with every, which says after how long") }
        if every != nil, length == nil, !kind.isMoment, kind != .halfOpen {
            event.report("every", "goes with for, which says how long the fault lasts each time")
        }
        let usual: Duration? =
            kind == .halfOpen ? every.map { min($0 / 2, Self.usualSilence) } ?? Self.usualSilence : nil
        self.init(
            at: at ?? .zero, length: length ?? usual, every: every, times: times, fault: fault, target: target)
    }
}

extension FaultTarget {
    fileprivate init(reading event: SettingsReader, layout: FleetLayout?) {
        let share: Double? =
            switch event.node("share") {
            case nil: nil
            case .integer(let number): Double(number)
            case .double(let number): number
            default: .nan
            }
        if let share, !(share > 0 && share <= 1) {
            event.report("share", "must be a number above 0, and 1 at most: 0.1 is a tenth of the units")
        }
        self.init(
            cohort: event.string("cohort", maximumLength: 64), unit: event.string("unit", maximumLength: 80),
            share: share ?? 1)
        if cohort != nil, unit != nil { event.report("unit", "does not go with cohort; name one of the two") }
        guard let layout else { return }
        if let cohort, layout.units(ofCohort: cohort) == nil {
            event.report("cohort", "is not the name of a cohort: \"\(cohort)\"")
        } else if let unit, layout.unit(named: unit) == nil {
            event.report("unit", "is not the name of a unit: \"\(unit)\"; they are called COHORT-1, COHORT-2, …")
        } else if let share, share > 0, share <= 1, let units = layout.units(of: self),
            FaultSelection.count(of: units.count, share: share) == 0
        {
            event.report("share", "is less than half a unit of \(units.count), so that nothing would ever happen")
        }
    }
}

extension Fault {
    fileprivate static let delays = Duration.milliseconds(1)...Duration.seconds(3600)

    fileprivate init(_ kind: Kind, reading event: SettingsReader) {
        func time(_ key: String, _ usual: Duration, in range: ClosedRange<Duration> = Fault.delays) -> Duration {
            event.duration(key, in: range) ?? usual
        }
        switch kind {
        case .refuse: self = .refuse
        case .blackHole: self = .blackHole
        case .halfOpen: self = .halfOpen
        case .reset: self = .reset
        case .slowReader: self = .slowReader(bytesPerSecond: event.integer("rate", in: 1...1_000_000) ?? 10)
        case .latency:
            self = .latency(
                time("delay", .milliseconds(200)), jitter: time("jitter", .zero, in: .zero...Fault.delays.upperBound))
        case .reboot: self = .reboot(boot: time("boot", .seconds(3)))
        case .duplicateAddress: self = .duplicateAddress(change: time("change", .seconds(5)))
        case .garbage: self = .garbage
        case .partial: self = .partial
        case .oversized: self = .oversized(bytes: event.integer("bytes", in: 2...65_536) ?? 4096)
        case .wrongPeriod: self = .wrongPeriod(time("period", .milliseconds(100), in: FleetFile.periods))
        case .brownOut: self = .brownOut(boot: time("boot", .seconds(3)))
        }
    }
}

extension Arrival {
    init(reading arrival: SettingsReader) {
        let linear = arrival.duration("linear", in: .zero...Duration.seconds(86_400))
        let poisson = arrival.integer("poisson", in: 1...1_000_000)
        let step = arrival.integer("step", in: 1...FleetFile.mostUnits)
        let every = arrival.duration("every", in: .milliseconds(1)...Duration.seconds(86_400))
        let after = arrival.duration("after", in: .zero...Duration.seconds(86_400))
        let names = ["linear", "poisson", "step"].filter { arrival.node($0) != nil }
        arrival.finish()
        if names.count > 1 || names.isEmpty && arrival.node("after") == nil {
            arrival.report(
                nil,
                "wants one of linear (a time), poisson (units a second) or step (units, with every), or after (a time) alone"
            )
        }
        if every != nil, step == nil { arrival.report("every", "goes with step, which says how many come together") }
        let own: Arrival =
            if let linear {
                .linear(over: linear)
            } else if let step {
                .steps(units: step, every: every ?? .seconds(1))
            } else if let poisson {
                .poisson(perSecond: Double(poisson))
            } else {
                .atOnce
            }
        self = after.map { .later($0, own) } ?? own
    }
}
