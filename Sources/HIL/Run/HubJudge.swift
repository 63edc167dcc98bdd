import Foundation

/// Whether what the hub has of a unit is what a step expects.
struct HubJudge: Sendable {
    let stage: Stage
    let expectation: HubExpectation

    func judge() async throws {
        let unit = expectation.unit
        guard let heard = stage.hub.measurements[unit] else { throw HILError.failed("the hub does not know \(unit)") }
        let mark = "measurements of \(unit)"
        let place =
            switch expectation.since {
            case .step: heard.end
            case .last: stage.mark(mark)
            case .case: 0
            }
        let wants = expectation
        do {
            try await awaited(every: .milliseconds(20)) {
                let found = heard.from(place).map(\.element)
                if let wrong = wants.wrong(with: found) { throw HILError.failed(wrong) }
                return found.count >= wants.count ? () : nil
            }
        } catch is CancellationError {
            throw HILError.failed("the hub has \(heard.from(place).count) of \(wants.count) measurements of \(unit)")
        }
        if wants.values == .console {
            let console = try stage.unit(unit).console
            try await awaited(every: .milliseconds(20)) {
                let values = heard.from(place).map(\.element.value)
                let printed = console.from(0).map(\.element).filter { Int($0) != nil }
                return try HubExpectation.isPart(values, of: printed) ? () : nil
            }
        }
        stage.setMark(mark, heard.end)
    }
}

extension HubExpectation {
    /// What is wrong with measurements, oldest first; nil where nothing is.
    func wrong(with found: [HubPart.Measurement]) -> String? {
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
