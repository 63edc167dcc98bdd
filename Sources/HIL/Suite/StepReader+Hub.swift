import Settings
import UnitProtocol

extension StepReader {
    func expectation(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
        let unit = unit(kind, reader)
        switch kind {
        case .hubExpects: return measurements(unit, reader)
        case .hubExpectsNothing:
            let time = needed("for", reader, "a time: 3s") { reader.duration("for", in: Self.times) }
            return unit.flatMap { unit in time.map { .hubExpectsNothing(unit: unit, for: $0) } }
        case .request:
            let payload = needed("colour", reader, "what is sent: red, #ff0000") {
                reader.string("colour", maximumLength: 1024)
            }
            let result = reader.choice("result", of: RequestOutcome.self) ?? .acknowledged
            return unit.flatMap { unit in payload.map { .request(unit: unit, payload: $0, result: result) } }
        default:
            let color = needed("colour", reader, "a colour: red, #ff0000") {
                reader.parsed("colour") { text in
                    guard let color = HTMLColor.parse(Array(text.utf8)) else { throw NoColor(text: text) }
                    return color
                }
            }
            guard kind == .lampKeeps else {
                return unit.flatMap { unit in color.map { .shows(unit: unit, $0) } }
            }
            let time = needed("for", reader, "a time: 3s") { reader.duration("for", in: Self.times) }
            guard let unit, let color, let time else { return nil }
            return .keepsShowing(unit: unit, color, for: time)
        }
    }

    private struct NoColor: Error, CustomStringConvertible {
        var text: String
        var description: String { "must be a colour such as red or #ff0000, not \"\(text)\"" }
    }

    private func measurements(_ unit: String?, _ reader: SettingsReader) -> Step.Action? {
        let values = reader.choice("values", of: HubExpectation.Values.self) ?? .any
        if values == .console, let unit { want(.serial, of: unit, reader, key: "values") }
        if values == .consecutive || values == .increasing, let unit { want(.counts, of: unit, reader, key: "values") }
        let expectation = HubExpectation(
            unit: unit ?? "", count: reader.integer("count", in: 1...1_000_000) ?? 1,
            since: reader.choice("since", of: Step.Since.self) ?? .step, values: values,
            between: range("between", reader, "from -1000000000 to 1000000000") { node in
                if case .integer(let number) = node, Self.values.contains(number) { number } else { nil }
            },
            apart: range("apart", reader, "times such as 900ms") { node in
                switch node {
                case .string(let text): Duration(settingsText: text)
                case .integer(let seconds) where (0...86_400).contains(seconds): .seconds(seconds)
                default: nil
                }
            }, lag: reader.duration("lag", in: Self.times))
        return unit.map { _ in .hubExpects(expectation) }
    }

    /// A list of two values, the lower one first.
    func range<Bound: Comparable>(
        _ key: String, _ reader: SettingsReader, _ which: String, _ bound: (SettingsNode) -> Bound?
    ) -> ClosedRange<Bound>? {
        guard let elements = reader.list(key) else { return nil }
        let bounds = elements.compactMap { bound($0.node) }
        guard elements.count == 2, bounds.count == 2, bounds[0] <= bounds[1] else {
            reader.report(key, "must be a list of two, the least and the most, \(which)")
            return nil
        }
        return bounds[0]...bounds[1]
    }
}
