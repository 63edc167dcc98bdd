extension StatusReport.Deliveries {
    /// - Parameters:
    ///   - letters: Nil where their folder cannot be read.
    ///   - intakeDropped: Measurements that came faster than the outbox takes them.
    init(
        _ outbox: OutboxStatus, _ schedule: DeliverySchedule, _ meter: DeliveryMeter.Counts, letters: DeadLetterTally?,
        intakeDropped: Int, at now: Duration
    ) {
        waiting = outbox.waiting
        inMemory = outbox.inMemory
        outboxBytes = outbox.fileBytes
        oldestSeconds = outbox.oldestAge.map { $0.inSeconds.rounded() }
        degraded = outbox.degraded
        outboxTroubles = outbox.troubles
        results = Dictionary(
            uniqueKeysWithValues: DeliveryMeter.Result.allCases.map { ($0.rawValue, meter.results[$0, default: 0]) })
        dropped = Dictionary(
            uniqueKeysWithValues: OutboxDropReason.allCases.map { ($0.rawValue, outbox.drops[$0, default: 0]) })
        dropped["intake"] = intakeDropped
        coalesced = schedule.coalesced
        requestsUnderWay = schedule.requestsUnderWay
        isBreakerOpen = schedule.breaker.opensAt != nil
        failingSeconds = meter.failingSince.map { (now - $0).inSeconds.rounded() }
        failure = meter.failure
        unauthorized = meter.unauthorized
        (deadLetters, deadLettersDropped) = (letters?.kept, letters?.givenUp)
        latency = StatusReport.Latency(meter.latency)
    }
}

extension StatusReport.Requests {
    init(_ statistics: RequestStatistics, _ standing: BrokerStanding, at now: Duration) {
        channels = standing.channels.sorted()
        wantedChannels = standing.wanted
        missingSeconds = standing.missingSince.map { (now - $0).inSeconds.rounded() }
        trouble = standing.trouble
        connectionsLost = standing.losses
        results = Dictionary(
            uniqueKeysWithValues: RequestOutcome.allCases.map { ($0.rawValue, statistics.outcomes[$0, default: 0]) })
        refused = Dictionary(
            uniqueKeysWithValues: RequestStatistics.Refusal.allCases.map {
                ($0.rawValue, statistics.refusals[$0, default: 0])
            })
        (reported, unreported) = (statistics.reported, statistics.unreported)
        latency = StatusReport.Latency(statistics.latency)
    }
}

extension StatusReport {
    /// What a base that has started lacks, in words.
    func whatIsMissing(_ settings: OperationsSettings) -> [String] {
        var missing: [String] = []
        if settings.needsBroker, let seconds = requests.missingSeconds {
            let channels = requests.wantedChannels.filter { !requests.channels.contains($0) }
            missing.append(
                "broker: \(channels.joined(separator: ", ")) not subscribed for \(Int(seconds)) s"
                    + (requests.trouble.map { ": \($0)" } ?? ""))
        }
        if let seconds = deliveries.failingSeconds, seconds > settings.failingLimit.inSeconds {
            missing.append(
                "webhook: no answer for \(Int(seconds)) s" + (deliveries.failure.map { ": \($0)" } ?? ""))
        }
        if let answer = deliveries.unauthorized { missing.append("webhook: the token is refused: \(answer)") }
        if let seconds = ownership?.missingSeconds {
            missing.append(
                "cluster: no lease for \(Int(seconds)) s" + (ownership?.trouble.map { ": \($0)" } ?? ""))
        }
        return missing
    }
}
