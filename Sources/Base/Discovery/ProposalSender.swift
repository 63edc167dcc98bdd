import Logging
import UnitProtocol

/// Tells the dashboard what was found: the shell around ``Proposals``.
actor ProposalSender {
    private var proposals = Proposals()
    private let propose: @Sendable ([FoundUnit]) async -> Proposals.Outcome
    private let logger: Logger
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var timer: Task<Void, any Error>?
    private var isUnsupported = false
    private var isFailing = false
    private var isStopped = false

    init(logger: Logger, propose: @escaping @Sendable ([FoundUnit]) async -> Proposals.Outcome) {
        self.logger = logger
        self.propose = propose
        start = clock.now
    }

    func add(_ unit: FoundUnit) {
        proposals.add(unit, at: clock.now - start)
        goOn()
    }

    /// Begins no further request.
    func stop() {
        isStopped = true
        timer?.cancel()
    }

    private func goOn() {
        guard !isStopped else { return }
        if let units = proposals.next(at: clock.now - start) {
            Task { self.finished(await self.propose(units)) }
        } else if let moment = proposals.resumesAt {
            timer?.cancel()
            timer = Task {
                try await clock.sleep(until: start + moment)
                goOn()
            }
        }
    }

    private func finished(_ outcome: Proposals.Outcome) {
        note(outcome)
        proposals.finished(outcome, random: .random(in: 0...1), at: clock.now - start)
        goOn()
    }

    /// Each trouble is told once, until the dashboard takes something.
    private func note(_ outcome: Proposals.Outcome) {
        switch outcome {
        case .accepted:
            isFailing = false
            isUnsupported = false
        case .unsupported:
            if !isUnsupported {
                logger.warning(
                    "found.unsupported",
                    metadata: [
                        "why": "the dashboard has no /webhook/found-units; what is found stands in this log alone"
                    ])
            }
            isUnsupported = true
        case .retry(let reason, _), .rejected(let reason):
            if !isFailing { logger.warning("found.failing", metadata: ["why": "\(reason)"]) }
            isFailing = true
        }
    }
}
