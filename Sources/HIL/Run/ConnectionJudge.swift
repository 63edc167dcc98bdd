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
        do {
            // What is marked is what was judged: nothing comes between the two unseen.
            stage.setMark(mark, try await awaited { try expectation.end(of: made, from: place) })
        } catch is CancellationError {
            throw HILError.failed("\(made.from(place).count) connections were made to \(expectation.unit)")
        }
    }
}

extension ConnectionExpectation {
    /// The place after the connections from a place on, where they are what is expected; nil where more may still come.
    ///
    /// - Throws: ``HILError/failed(_:)`` as ``isMet(by:)``, ``HILError/infrastructure(_:)`` where some are not kept any more.
    func end(of made: Heard<Int>, from place: Int) throws -> Int? {
        let (entries, next) = made.all(from: place)
        let isMet = try isMet(by: entries.map(\.element))
        let missing = next - entries.count - place
        guard missing <= 0 else {
            throw HILError.infrastructure("\(missing) connections to \(unit) are not kept here any more")
        }
        return isMet ? next : nil
    }

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
