import Settings

/// A fault as the control endpoint takes it, and as workers are told of it: an event of a timeline that begins now, as JSON.
extension FaultEvent {
    /// - Throws: ``SettingsError`` with all that is wrong.
    init(json text: String, layout: FleetLayout) throws {
        let document = SettingsReader(document: try SettingsNode(json: text))
        let event = FaultEvent(reading: document, layout: layout, isNow: true)
        try document.throwIfProblems()
        guard let event else { throw SettingsError(problems: []) }
        self = event
    }

    /// The same as text; names are plain.
    var json: String {
        var fields = [("fault", "\"\(fault.kind.rawValue)\"")]
        if let length { fields.append(("for", length.quoted)) }
        if let every { fields.append(("every", every.quoted)) }
        if let times { fields.append(("times", "\(times)")) }
        if let cohort = target.cohort { fields.append(("cohort", "\"\(cohort)\"")) }
        if let unit = target.unit { fields.append(("unit", "\"\(unit)\"")) }
        if target.share < 1 { fields.append(("share", "\(target.share)")) }
        switch fault {
        case .slowReader(let rate): fields.append(("rate", "\(rate)"))
        case .latency(let delay, let jitter): fields += [("delay", delay.quoted), ("jitter", jitter.quoted)]
        case .reboot(let boot), .brownOut(let boot): fields.append(("boot", boot.quoted))
        case .duplicateAddress(let change): fields.append(("change", change.quoted))
        case .oversized(let bytes): fields.append(("bytes", "\(bytes)"))
        case .wrongPeriod(let period): fields.append(("period", period.quoted))
        case .refuse, .blackHole, .halfOpen, .reset, .garbage, .partial: break
        }
        return "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }
}

extension Duration {
    fileprivate var quoted: String { "\"\(settingsText)\"" }
}
