/// Delivers the dead letters that somebody wants to have tried again, one after the other.
struct DeadLetterRetrier: Sendable {
    /// How often it looks for such letters.
    static let poll = Duration.seconds(5)
    /// After so many failures in a row the dashboard is left alone until the next look.
    static let mostFailures = 3

    let deadLetters: DeadLetters
    let clock: OutboxClock
    let log: DeliveryLog
    let deliver: @Sendable (OutboxRecord) async -> DeliveryOutcome

    private enum End {
        case done
        case failed(after: Duration?)
    }

    /// Ends when it is cancelled.
    func run() async {
        var pauses = DeadLetterPauses()
        while !Task.isCancelled {
            await tryAll(&pauses)
            try? await Task.sleep(for: Self.poll)
        }
    }

    /// Tries each that does not rest once.
    func tryAll(_ pauses: inout DeadLetterPauses) async {
        let letters: [DeadLetter]
        do {
            letters = try await deadLetters.retries()
        } catch {
            return log.notBuried("\(error)")
        }
        var failures = 0
        for letter in pauses.due(letters, at: clock.monotonic()) {
            guard !Task.isCancelled, failures < Self.mostFailures else { return }
            switch await attempt(letter) {
            case .done: failures = 0
            case .failed(let after):
                failures += 1
                pauses.failed(letter, after: after, at: clock.monotonic(), fraction: .random(in: 0...1))
            }
        }
    }

    /// A letter whose end cannot be written down is sent again later, with the same key.
    private func attempt(_ letter: DeadLetter) async -> End {
        switch await deliver(letter.record) {
        case .tooMany: return .failed(after: nil)
        case .retry(_, let after): return .failed(after: after)
        case .answered(let verdicts):
            do {
                if case .rejected(let status, let reason) = verdicts.first {
                    // Never the same as before: by that the two are told apart.
                    let refusedAt = max(clock.wall(), letter.refusedAt + 1)
                    let again = DeadLetter(
                        record: letter.record, refusedAt: refusedAt, status: status, reason: reason)
                    log.givenUp(try await deadLetters.add([again]))
                }
                try await deadLetters.finishRetries([letter])
                return .done
            } catch {
                log.notBuried("\(error)")
                return .failed(after: nil)
            }
        }
    }
}
