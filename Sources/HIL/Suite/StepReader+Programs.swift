import Settings

extension StepReader {
    func program(_ reader: SettingsReader) -> Step.Action? {
        let words = needed("command", reader, "a list: the program and its arguments") { reader.program("command") }
        let code = reader.integer("exit-code", in: 0...255) ?? 0
        return words.map { .run($0, exitCode: code) }
    }

    func custom(_ outer: SettingsReader, _ reader: SettingsReader) -> Step.Action? {
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

    func again(_ reader: SettingsReader) -> Step.Action? {
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
