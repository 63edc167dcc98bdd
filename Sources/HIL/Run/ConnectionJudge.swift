/// Whether the base's connections to a unit, as its cable has counted them, are what a step expects.
struct ConnectionJudge: Sendable {
    let stage: Stage
    let expectation: ConnectionExpectation

    /// Waits until there are as many as are wanted at least.
    func judge() async throws {
        guard let made = stage.cable(to: expectation.unit)?.connections else {
            throw HILError.failed("\(expectation.unit) has no network")
        }
        let mark = "connections of \(expectation.unit)"
        let place =
            switch expectation.since {
            case .step: made.end
            case .last: stage.mark(mark)
            case .case: 0
            }
        let wants = expectation
        do {
            try await awaited { try wants.isMet(by: made.from(place).map(\.element)) ? () : nil }
        } catch is CancellationError {
            throw HILError.failed("\(made.from(place).count) connections were made to \(wants.unit)")
        }
        stage.setMark(mark, made.end)
    }
}

extension ConnectionExpectation {
    /// - Parameter held: Of each connection, in order: how many there were with it.
    /// - Returns: False where more may still come.
    /// - Throws: ``HILError/failed(_:)`` where too many were made, or were there at once.
    func isMet(by held: [Int]) throws -> Bool {
        if let mostAtOnce, let most = held.max(), most > mostAtOnce {
            throw HILError.failed("the base had \(most) connections to \(unit) at once, more than \(mostAtOnce)")
        }
        if let count, held.count > count.upperBound {
            throw HILError.failed("\(held.count) connections were made to \(unit), more than \(count.upperBound)")
        }
        // Of none nothing is known that could be too many at once.
        return held.count >= count?.lowerBound ?? 1
    }
}
