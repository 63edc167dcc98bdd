import Settings
import UnitProtocol

/// Reads the steps of a suite, whose variables are put in already, and collects all that is wrong.
final class StepReader {
    private let given: [String: GivenUnit]
    /// The clients of the runner that a `connect` before has made.
    private var clients: Set<String> = []
    private let customSteps: Set<String>

    static let mostSteps = 1000
    static let times = Duration.zero...Duration.seconds(86_400)
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
            reader.duration(kind.rawValue, in: Self.times).map { .wait($0) } ?? missing(kind, reader, "a time: 3s")
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

// MARK: Boards and lines

extension StepReader {
    private func board(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
        let unit = unit(kind, reader)
        switch kind {
        case .power:
            let power = needed("to", reader, "on, off or cycle") { reader.choice("to", of: Step.Power.self) }
            return unit.flatMap { unit in power.map { .power(unit: unit, $0) } }
        case .serialTypes:
            let text = needed("text", reader, "what is typed") { reader.string("text") }
            return unit.flatMap { unit in text.map { .types(unit: unit, $0) } }
        case .serialSpeed:
            let baud = needed("baud", reader, "bits a second") { reader.integer("baud", in: 50...4_000_000) }
            return unit.flatMap { unit in baud.map { .speed(unit: unit, baud: $0) } }
        default:
            let image = needed("image", reader, "a file for iot flash write") { reader.string("image") }
            let address = reader.integer("address", in: 0...0xFF_FFFF)
            let fails = reader.integer("power-fails-after", in: 1...100_000_000)
            let outcome = reader.choice("outcome", of: FlashOrder.Outcome.self) ?? .success
            if fails != nil, let unit { want(.brownOut, of: unit, reader, key: "power-fails-after") }
            guard let unit, let image else { return nil }
            return .flash(
                FlashOrder(unit: unit, image: image, address: address, powerFailsAfter: fails, outcome: outcome))
        }
    }

    private func says(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
        let speaker: Step.Speaker? =
            switch kind {
            case .baseSays: .base
            case .hubSays: .hub
            default: unit(kind, reader).map { .console($0) }
            }
        let (text, regex) = (reader.string("text"), reader.string("regex"))
        if text?.isEmpty ?? false { reader.report("text", "is empty; every line has that within it") }
        var pattern = text.map { TextPattern.text($0) }
        if let regex {
            pattern = self.pattern(regex, "regex", reader)
            if text != nil { reader.report("regex", "does not go with text; keep one of the two") }
        } else if text == nil, !["text", "regex"].contains(where: { reader.node($0) != nil }) {
            reader.report(nil, "wants text or regex: what the line has within it")
        }
        if kind == .serialLacks {
            let time = needed("for", reader, "a time: 3s") { reader.duration("for", in: Self.times) }
            guard let speaker, let pattern, let time else { return nil }
            return .saysNot(speaker, pattern, for: time)
        }
        let since = reader.choice("since", of: Step.Since.self) ?? .last
        guard let speaker, let pattern else { return nil }
        return .says(speaker, pattern, since: since)
    }

    private func pattern(_ text: String, _ key: String, _ reader: SettingsReader) -> TextPattern? {
        let pattern = TextPattern.compiled(text)
        if pattern == nil {
            reader.report(
                key, text.isEmpty ? "is empty; every line fits that" : "is no regular expression: \(text)")
        }
        return pattern
    }

    private func network(_ reader: SettingsReader) -> Step.Action? {
        let link = needed("at", reader, "a unit, dashboard or broker") { reader.string("at") }
        let mode = needed("is", reader, "one of \(Cable.Mode.words)") { reader.choice("is", of: Cable.Mode.self) }
        guard let link, let mode else { return nil }
        switch link {
        case "dashboard": return .network(.dashboard, mode)
        case "broker": return .network(.broker, mode)
        default: return unit(link, .network, reader, key: "at").map { .network(.unit($0), mode) }
        }
    }

    private func connections(_ reader: SettingsReader) -> Step.Action? {
        let unit = unit(.connections, reader)
        let expectation = ConnectionExpectation(
            unit: unit ?? "", since: reader.choice("since", of: Step.Since.self) ?? .case,
            count: range("count", reader, "from 0") { node in
                if case .integer(let number) = node, number >= 0 { number } else { nil }
            },
            mostAtOnce: reader.integer("most-at-once", in: 1...1000))
        if reader.node("count") == nil, reader.node("most-at-once") == nil {
            reader.report(nil, "wants count: [least, most], most-at-once, or both")
        }
        return unit.map { _ in .connections(expectation) }
    }

    private func client(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
        if kind == .connect {
            let unit = unit(kind, reader)
            let name = reader.string("as") ?? "client"
            clients.insert(name)
            return unit.map { .connect(client: name, unit: $0) }
        }
        let name = reader.string("client") ?? "client"
        if !clients.contains(name) {
            reader.report(
                "client", "is no client \"\(name)\" that a step before connects; write connect: {as: \(name)} first")
        }
        switch kind {
        case .clientSends:
            let text = needed("text", reader, "what is sent; \\r is a CR in double quotes") { reader.string("text") }
            if text?.isEmpty ?? false { reader.report("text", "is empty; nothing would be sent") }
            return text.map { .clientSends(client: name, $0) }
        case .clientCloses:
            return .clientCloses(client: name, reader.choice("how", of: Step.Closing.self) ?? .end)
        default:
            let lines = reader.integer("lines", in: 1...100_000)
            let like = reader.string("like")
            let pattern = like.flatMap { self.pattern($0, "like", reader) }
            let end = reader.bool("end")
            let silence = reader.duration("silence", in: Self.times)
            if [lines != nil, end != nil, silence != nil].count(where: { $0 }) != 1 || end == false {
                reader.report(nil, "wants one of lines (a number), end: true, or silence (a time)")
                return nil
            }
            if let lines { return .clientExpects(client: name, .lines(lines, pattern)) }
            return .clientExpects(client: name, silence.map { .silence($0) } ?? .end)
        }
    }
}

// MARK: Hub and lamp

extension StepReader {
    private func expectation(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
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
    private func range<Bound: Comparable>(
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

// MARK: Programs and blocks

extension StepReader {
    private func program(_ reader: SettingsReader) -> Step.Action? {
        let words = needed("command", reader, "a list: the program and its arguments") { reader.program("command") }
        let code = reader.integer("exit-code", in: 0...255) ?? 0
        return words.map { .run($0, exitCode: code) }
    }

    private func custom(_ outer: SettingsReader, _ reader: SettingsReader) -> Step.Action? {
        guard case .map(let entries)? = outer.node(StepKind.step.rawValue) else { return nil }
        let name = needed("name", reader, "one of \(customSteps.sorted().joined(separator: ", "))") {
            reader.string("name")
        }
        var arguments: [String: String] = [:]
        for entry in entries where entry.key != "name" {
            if let text = Variables.text(entry.value) {
                arguments[entry.key] = text
            } else {
                reader.report(entry.key, "must be a text or a number, not \(entry.value.kind)")
            }
        }
        guard let name else { return nil }
        guard customSteps.contains(name) else {
            reader.report("name", "is no step \"\(name)\"; there are: \(customSteps.sorted().joined(separator: ", "))")
            return nil
        }
        if let unit = arguments["unit"] { _ = self.unit(unit, .step, reader, key: "unit") }
        for problem in CustomSteps.problems(of: name, in: arguments) { reader.report(problem.key, problem.message) }
        return .custom(name: name, arguments: arguments)
    }

    private func again(_ reader: SettingsReader) -> Step.Action? {
        let times = reader.integer("times", in: 1...1_000_000)
        let time = reader.duration("for", in: Self.times)
        if (reader.node("times") == nil) == (reader.node("for") == nil) {
            reader.report(nil, "wants either times (a number) or for (a time)")
        }
        let elements = needed("steps", reader, "a list of steps") {
            reader.list("steps", maximumCount: Self.mostSteps)
        }
        let steps = steps(elements ?? [])
        if let elements, elements.isEmpty { reader.report("steps", "is empty; write at least one step") }
        guard (times == nil) != (time == nil), !steps.isEmpty else { return nil }
        return .again(times.map { .times($0) } ?? .lasting(time ?? .zero), steps)
    }
}

// MARK: What steps have in common

extension StepReader {
    private func part(_ kind: StepKind, _ reader: SettingsReader) -> Step.Part? {
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

    private func unit(_ kind: StepKind, _ reader: SettingsReader) -> String? {
        needed("unit", reader, "one of the units under given") { reader.string("unit") }
            .flatMap { unit($0, kind, reader, key: "unit") }
    }

    private func unit(_ name: String, _ kind: StepKind, _ reader: SettingsReader, key: String) -> String? {
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
    private func want(_ ability: Ability, of name: String, _ reader: SettingsReader, key: String) {
        guard let unit = given[name], !unit.abilities.contains(ability) else { return }
        reader.report(
            key, "needs a \(name) that has \(ability.rawValue); write it among the abilities of given.\(name)")
    }

    /// The value, or a report that it is missing where nothing stands there.
    private func needed<Value>(
        _ key: String, _ reader: SettingsReader, _ what: String, _ read: () -> Value?
    ) -> Value? {
        if reader.node(key) == nil {
            reader.report(key, "is missing; it is \(what)")
            return nil
        }
        return read()
    }

    private func missing<Value>(_ kind: StepKind, _ reader: SettingsReader, _ what: String) -> Value? {
        if reader.node(kind.rawValue) == nil { reader.report(kind.rawValue, "is missing its value, \(what)") }
        return nil
    }
}
