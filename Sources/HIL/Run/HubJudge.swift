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
        let printedMark = "numbers of \(unit)"
        var printed =
            try expectation.values == .console
            ? PrintedNumbers(
                of: stage.unit(unit).console, from: expectation.since == .case ? 0 : stage.mark(printedMark),
                hasLives: expectation.since != .case)
            : nil
        do {
            // What is marked is what was judged: nothing comes between the two unseen.
            let found = try await awaited(every: .milliseconds(20)) { try places(in: heard, from: place, &printed) }
            stage.setMark(mark, found.heard)
            if let end = found.printed { stage.setMark(printedMark, max(end, stage.mark(printedMark))) }
        } catch is CancellationError {
            if let missing = printed?.missing, missing > 0 {
                throw lost(missing, "whether it has printed what the hub has")
            }
            throw HILError.failed(lacking(heard.from(place).map(\.element)))
        }
    }

    /// The places after measurements that are what is expected, and after the lines that have printed them; nil as long as they may yet
    /// become it.
    private func places(
        in heard: Heard<HubMeasurement>, from place: Int, _ printed: inout PrintedNumbers?
    ) throws -> (heard: Int, printed: Int?)? {
        let missing = heard.missing(from: place)
        guard missing == 0 else {
            throw HILError.infrastructure("\(missing) measurements of \(expectation.unit) are not kept here any more")
        }
        let (entries, next) = heard.all(from: place)
        let found = entries.map(\.element)
        if let wrong = expectation.wrong(with: found) { throw HILError.failed(wrong) }
        printed?.read()
        guard found.count >= expectation.count else { return nil }
        guard let printed else { return (next, nil) }
        do {
            return try printed.end(of: found.map(\.value), atLeast: expectation.count).map { (next, $0) }
        } catch  where printed.missing > 0 {
            throw lost(printed.missing, "\(error)")
        }
    }

    private func lost(_ count: Int, _ what: String) -> HILError {
        .infrastructure("\(count) lines of \(expectation.unit)'s console are not here: nothing can be said of \(what)")
    }

    private func lacking(_ found: [HubMeasurement]) -> String {
        guard found.count >= expectation.count else {
            return "the hub has \(found.count) of \(expectation.count) measurements of \(expectation.unit)"
        }
        return
            "the console of \(expectation.unit) has not printed all that the hub has, \(expectation.count) of them in its latest life: "
            + found.suffix(4).map(\.value).joined(separator: ", ")
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
}
