extension HILError {
    /// Why a step came to nothing, where that is not its own error alone: that, and the parts that have ended meanwhile, none of which goes
    /// untold.
    ///
    /// What was found to be wrong is a failure whatever else is gone. What was not found may be missing for the trouble's sake.
    ///
    /// - Parameters:
    ///   - own: The step's own error; nil where it has none that says anything.
    ///   - isJudgement: Whether it is about what the step has found, and not about what it has waited for in vain.
    ///   - troubles: Of parts that have ended, or are gone.
    /// - Returns: Nil where there is neither an own error nor a trouble.
    static func cause(_ own: HILError?, isJudgement: Bool, _ troubles: [HILError]) -> HILError? {
        let news = troubles.filter { own?.description.contains($0.description) != true }
        guard !news.isEmpty else { return own }
        let failures = news.filter { !$0.isInfrastructure }
        let losses = news.filter(\.isInfrastructure)
        var isFailure = !failures.isEmpty
        var rest = losses
        if let own {
            isFailure = isFailure || !own.isInfrastructure && isJudgement
            // What was lost says more than what was waited for in vain.
            rest = isFailure || own.isInfrastructure ? [own] + losses : losses + [own]
        }
        let why = (failures + rest).map(\.description).joined(separator: "; ")
        return isFailure ? .failed(why) : .infrastructure(why)
    }
}
