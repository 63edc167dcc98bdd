import Foundation

/// Whether what the hub has of a unit is what a step expects.
struct HubJudge: Sendable {
    let stage: Stage
    let expectation: HubExpectation

    func judge() async throws {
        let unit = expectation.unit
        let heard = try stage.measurements(of: unit)
        let mark = "measurements of \(unit)"
        let place: Int
        switch expectation.since {
        case .step:
            try await stage.hub.catchUp()
            place = heard.end
        case .last: place = stage.mark(mark)
        case .case: place = 0
        }
        do {
            // What is marked is what was judged: nothing comes between the two unseen.
            stage.setMark(mark, try await awaited(every: .milliseconds(20)) { try end(of: heard, from: place) })
        } catch is CancellationError {
            throw HILError.failed(lacking(heard.from(place).map(\.element)))
        }
    }

    /// The place after measurements that are what is expected; nil as long as they may yet become it.
    private func end(of heard: Heard<HubMeasurement>, from place: Int) throws -> Int? {
        let missing = heard.missing(from: place)
        guard missing == 0 else {
            throw HILError.infrastructure("\(missing) measurements of \(expectation.unit) are not kept here any more")
        }
        let (entries, next) = heard.all(from: place)
        let found = entries.map(\.element)
        if let wrong = expectation.wrong(with: found) { throw HILError.failed(wrong) }
        return try found.count >= expectation.count && console(has: found) ? next : nil
    }

    private func lacking(_ found: [HubMeasurement]) -> String {
        guard found.count >= expectation.count else {
            return "the hub has \(found.count) of \(expectation.count) measurements of \(expectation.unit)"
        }
        return "the console of \(expectation.unit) has not printed all that the hub has: "
            + found.suffix(4).map(\.value).joined(separator: ", ")
    }

    private func console(has found: [HubMeasurement]) throws -> Bool {
        guard expectation.values == .console else { return true }
        let console = try stage.unit(expectation.unit).console
        let missing = console.missing(from: 0)
        let printed = console.from(0).map(\.element).filter { Int($0) != nil }
        do {
            return try HubExpectation.isPart(found.map(\.value), of: printed)
        } catch  where missing > 0 {
            throw HILError.infrastructure(
                "\(missing) lines of \(expectation.unit)'s console are not here: nothing can be said of \(error)")
        }
    }
}

extension HubExpectation {
    /// What is wrong with measurements, oldest first; nil where nothing is.
    func wrong(with found: [HubMeasurement]) -> String? {
        let numbers = found.map { Int($0.value) }
        if let index = numbers.firstIndex(of: nil) {
            return "the hub has a measurement that is no number: \(found[index].value)"
        }
        let values = numbers.compactMap(\.self)
        if let between, let value = values.first(where: { !between.contains($0) }) {
            return "the hub has \(value), which is not from \(between.lowerBound) to \(between.upperBound)"
        }
        if let lag, let late = found.first(where: { $0.lag > lag }) {
            return "\(late.value) has taken \(late.lag.stamp) s to the hub, more than \(lag.stamp) s"
        }
        for (index, pair) in zip(values, values.dropFirst()).enumerated() {
            switch self.values {
            case .consecutive where pair.1 != pair.0 + 1:
                return "the hub has \(pair.1) after \(pair.0), and not the next"
            case .increasing where pair.1 <= pair.0: return "the hub has \(pair.1) after \(pair.0), which is not more"
            default: break
            }
            let pause = Duration.milliseconds(found[index + 1].at - found[index].at)
            if let apart, !apart.contains(pause) {
                return "\(pair.0) and \(pair.1) were measured \(pause.stamp) s apart, which is not from "
                    + "\(apart.lowerBound.stamp) to \(apart.upperBound.stamp) s"
            }
        }
        return nil
    }

    /// Whether values stand in what was printed, one behind the other with none between them.
    ///
    /// - Returns: False where they may yet, as the console is not heard up to there.
    /// - Throws: ``HILError/failed(_:)`` where they cannot.
    static func isPart(_ values: [String], of printed: [String]) throws -> Bool {
        guard !values.isEmpty else { return true }
        var longest = 0
        for start in printed.indices {
            let run = zip(values, printed[start...]).prefix { $0 == $1 }.count
            if run == values.count || start + run == printed.count && run > 0 {
                // At the very end of what was printed so far the rest may follow.
                return run == values.count
            }
            longest = max(longest, run)
        }
        guard printed.count > 0 else { return false }
        throw HILError.failed(
            "what the hub has is not what the console printed: after \(longest) that are alike the hub has "
                + "\(values.dropFirst(max(0, longest - 1)).prefix(4).joined(separator: ", ")), of which the console knows no such order"
        )
    }
}
