import Settings

/// Reads the steps of a suite, whose variables are put in already, and collects all that is wrong.
final class StepReader {
    let given: [String: GivenUnit]
    /// The clients of the runner that a `connect` before has made.
    var clients: Set<String> = []
    let customSteps: Set<String>

    static let mostSteps = 1000
    static let times = Duration.milliseconds(1)...Duration.seconds(86_400)
    /// What a measurement may be.
    static let values = -1_000_000_000...1_000_000_000

    init(given: [GivenUnit], customSteps: Set<String>) {
        self.given = Dictionary(given.map { ($0.name, $0) }) { first, _ in first }
        self.customSteps = customSteps
    }

    func steps(_ elements: [SettingsElement]) -> [Step] {
        elements.compactMap(step)
    }

    private func step(_ element: SettingsElement) -> Step? {
        guard case .map(let entries) = element.node else {
            element.report("must be a map with one of: \(StepKind.words)")
            return nil
        }
        let reader = element.map()
        let kinds = entries.compactMap { entry in StepKind(rawValue: entry.key) }
        let limit = reader.duration("within", in: Step.limits)
        _ = reader.string("note")
        guard let kind = kinds.first, kinds.count == 1 else {
            reader.report(
                entries.first?.key,
                kinds.isEmpty
                    ? "names no step; known are: \(StepKind.words)"
                    : "stands beside \(kinds.last?.rawValue ?? ""); write each step as an element of its own")
            return nil
        }
        let before = reader.problems
        let action = self.action(kind, reader)
        // A step that nothing came of, and nobody has told why, must not vanish from the suite.
        if action == nil, reader.problems == before { reader.report(kind.rawValue, "has no value that is a step") }
        reader.finish()
        guard let action else { return nil }
        if let limit, limit <= action.ownTime {
            reader.report(
                "within",
                "is no more than the \(action.ownTime.settingsText) that the step takes by itself; write a longer time")
        }
        let entry = entries.first { $0.key == kind.rawValue }
        return Step(
            line: entry?.line ?? 0, text: "\(kind.rawValue): \(StepText.flow(entry?.value ?? .null))",
            limit: limit ?? Self.usualLimit(action), action: action)
    }

    /// A step that says itself how long it takes has as much more.
    private static func usualLimit(_ action: Step.Action) -> Duration {
        switch action {
        case .again(.times, _): Step.limits.upperBound
        case .flash: .seconds(120)
        // Parts have limits of their own for their start, whose end says more.
        case .start, .stop, .power: .seconds(60)
        default: action.ownTime + Step.usualLimit
        }
    }

    private func action(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
        switch kind {
        case .start: part(kind, reader).map { .start($0) }
        case .stop: part(kind, reader).map { .stop($0) }
        case .kill: part(kind, reader).map { .kill($0) }
        case .reset:
            (reader.string(kind.rawValue) ?? missing(kind, reader, "a unit"))
                .flatMap { unit($0, kind, reader, key: kind.rawValue) }.map { .reset(unit: $0) }
        case .wait:
            reader.duration(kind.rawValue, in: .zero...Self.times.upperBound).map { .wait($0) }
                ?? missing(kind, reader, "a time: 3s")
        default: nested(kind, reader)
        }
    }

    /// What stands in a map under the step's key.
    private func nested(_ kind: StepKind, _ outer: SettingsReader) -> Step.Action? {
        guard let reader = outer.map(kind.rawValue) else { return missing(kind, outer, "a map") }
        defer { if kind != .step { reader.finish() } }
        switch kind {
        case .power, .flash, .serialTypes, .serialSpeed: return board(kind, reader)
        case .serialExpects, .serialLacks, .baseSays, .hubSays: return says(kind, reader)
        case .hubExpects, .hubExpectsNothing, .request, .lampShows, .lampKeeps: return expectation(kind, reader)
        case .connect, .clientSends, .clientExpects, .clientCloses: return client(kind, reader)
        case .network: return network(reader)
        case .connections: return connections(reader)
        case .run: return program(reader)
        case .step: return custom(outer, reader)
        case .again: return again(reader)
        case .start, .stop, .kill, .reset, .wait: return nil
        }
    }
}

// MARK: What steps have in common

extension StepReader {
    func part(_ kind: StepKind, _ reader: SettingsReader) -> Step.Part? {
        guard let name = reader.string(kind.rawValue) else { return missing(kind, reader, "hub, base or a unit") }
        switch name {
        case "hub": return .hub
        case "base": return .base
        default:
            guard let unit = unit(name, kind, reader, key: kind.rawValue) else { return nil }
            // A real board is started with its power.
            want(.power, of: unit, reader, key: kind.rawValue)
            return .unit(unit)
        }
    }

    func unit(_ kind: StepKind, _ reader: SettingsReader) -> String? {
        needed("unit", reader, "one of the units under given") { reader.string("unit") }
            .flatMap { unit($0, kind, reader, key: "unit") }
    }

    func unit(_ name: String, _ kind: StepKind, _ reader: SettingsReader, key: String) -> String? {
        guard given[name] != nil else {
            let names = given.keys.sorted().joined(separator: ", ")
            reader.report(key, "is no unit \"\(name)\" of given; there are: \(names.isEmpty ? "none" : names)")
            return nil
        }
        if let ability = kind.ability { want(ability, of: name, reader, key: key) }
        if let wanted = kind.unitKind, let its = given[name]?.kind, its != wanted {
            reader.report(key, "is a \(its.rawValue) unit, and \(kind.rawValue) is for \(wanted.rawValue) units")
        }
        return name
    }

    /// A suite says beforehand what its steps need, so that a rig without it skips the suite.
    func want(_ ability: Ability, of name: String, _ reader: SettingsReader, key: String) {
        guard let unit = given[name], !unit.abilities.contains(ability) else { return }
        reader.report(
            key, "needs a \(name) that has \(ability.rawValue); write it among the abilities of given.\(name)")
    }

    /// The value, or a report that it is missing where nothing stands there.
    func needed<Value>(
        _ key: String, _ reader: SettingsReader, _ what: String, _ read: () -> Value?
    ) -> Value? {
        if reader.node(key) == nil {
            reader.report(key, "is missing; it is \(what)")
            return nil
        }
        return read()
    }

    func missing<Value>(_ kind: StepKind, _ reader: SettingsReader, _ what: String) -> Value? {
        if reader.node(kind.rawValue) == nil { reader.report(kind.rawValue, "is missing its value, \(what)") }
        return nil
    }
}
