extension CaseRunner.Outcome {
    /// The outcome once all parts have ended: a case that has passed has not, where a part did not end as it should.
    ///
    /// What its steps have found goes before that, which is told as well.
    func after(_ troubles: [HILError], tell: (String, JournalEntry.Weight) -> Void) -> CaseRunner.Outcome {
        let news = troubles.filter { !(reason ?? "").contains($0.description) }
        guard let worst = news.first(where: { !$0.isInfrastructure }) ?? news.first else { return self }
        let hasPassed = verdict == .passed
        for trouble in news {
            tell("at the end: \(trouble)", hasPassed && !trouble.isInfrastructure ? .failure : .warning)
        }
        guard hasPassed else { return self }
        return CaseRunner.Outcome(
            verdict: worst.isInfrastructure ? .infrastructure : .failed, reason: "at the end: \(worst)", steps: steps)
    }
}
