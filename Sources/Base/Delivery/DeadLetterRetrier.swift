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

    /// How many letters' ends are written down together: each time all files are looked at.
    static let together = 256

    private enum End {
        /// With the letter that it is from now on, where it was refused again.
        case done(again: DeadLetter?)
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
        var ended: [DeadLetter] = []
        var again: [DeadLetter] = []
        for letter in pauses.due(letters, at: clock.monotonic()) {
            guard !Task.isCancelled, failures < Self.mostFailures else { break }
            switch await attempt(letter) {
            case .done(let refused):
                failures = 0
                ended.append(letter)
                if let refused { again.append(refused) }
            case .failed(let after):
                failures += 1
                pauses.failed(letter, after: after, at: clock.monotonic(), fraction: .random(in: 0...1))
            }
            if ended.count == Self.together {
                await finish(ended, again, &pauses)
                (ended, again) = ([], [])
            }
        }
        await finish(ended, again, &pauses)
    }

    /// A letter whose end cannot be written down is sent again later, with the same key.
    private func finish(_ ended: [DeadLetter], _ again: [DeadLetter], _ pauses: inout DeadLetterPauses) async {
        guard !ended.isEmpty else { return }
        do {
            if !again.isEmpty { log.givenUp(try await deadLetters.add(again)) }
            try await deadLetters.finishRetries(Set(ended))
        } catch {
            log.notBuried("\(error)")
            for letter in ended {
                pauses.failed(letter, after: nil, at: clock.monotonic(), fraction: .random(in: 0...1))
            }
        }
    }

    private func attempt(_ letter: DeadLetter) async -> End {
        switch await deliver(letter.record) {
        case .tooMany: return .failed(after: nil)
        case .retry(_, let after): return .failed(after: after)
        case .answered(let verdicts):
            guard case .rejected(let status, let reason) = verdicts.first else { return .done(again: nil) }
            // Never the same as before: by that the two are told apart.
            let refusedAt = max(clock.wall(), letter.refusedAt + 1)
            return .done(
                again: DeadLetter(record: letter.record, refusedAt: refusedAt, status: status, reason: reason))
        }
    }
}
