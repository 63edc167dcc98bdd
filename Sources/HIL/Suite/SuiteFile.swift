import Settings

/// A suite as a person writes it; docs/hil-suite.schema.json is its schema.
struct SuiteFile: Sendable {
    let name: String
    let path: String
    /// One for each point of the matrix.
    let cases: [SuiteCase]

    static let usualLimit = Duration.seconds(300)
    private static let mostProblems = 100

    /// - Parameters:
    ///   - set: Values that go before those of the file; of a matrix' axis only this value is run.
    ///   - rig: Values of the rig, which go before the suite's and after `set`.
    /// - Throws: ``SettingsError`` with all that is wrong, naming the file.
    init(path: String, set: [String: String] = [:], rig: [String: String] = [:], customSteps: Set<String>) throws {
        let text = try SettingsText.of(path)
        self = try SettingsError.naming(path) {
            try SuiteFile(yaml: text, path: path, set: set, rig: rig, customSteps: customSteps)
        }
    }

    init(
        yaml: String, path: String, set: [String: String] = [:], rig: [String: String] = [:], customSteps: Set<String>
    ) throws {
        let root = try SettingsNode(yaml: yaml)
        let reader = SettingsReader(document: root)
        let name = reader.string("name", maximumLength: 100) ?? ""
        if name.isEmpty, reader.problems.isEmpty { reader.report("name", "is missing; it names the suite in reports") }
        _ = reader.string("description", maximumLength: 10_000)
        let limit = reader.duration("limit", in: Step.limits) ?? Self.usualLimit
        let constants = Self.constants(reader)
        let matrix = Self.matrix(reader, set: set)
        for key in ["given", "steps"] where reader.node(key) == nil {
            reader.report(
                key, key == "given" ? "is missing; it is the map of units" : "is missing; it is the list of steps")
        }
        reader.finish()
        var problems = reader.problems
        var cases: [SuiteCase] = []
        if matrix.points.isEmpty || (matrix.axes.isEmpty && reader.node("matrix") != nil) {
            // Of the steps only those are looked at that no value is missing for.
            let draft = CaseReader(
                root: root, variables: Variables(constants.merging(rig) { $1 }), problems: [], customSteps: customSteps)
            problems += draft.problems.filter { !Self.standsIn(variable: root, $0.path) }
            throw SettingsError(problems: problems.map(LinePlaces(root, yaml: yaml).placing))
        }
        // What is wrong at so many points of the matrix is known by then.
        for point in matrix.points where problems.count < Self.mostProblems {
            let values = constants.merging(rig) { $1 }.merging(point.variables) { $1 }
                .merging(set.filter { constants[$0.key] != nil }) { $1 }
            let draft = CaseReader(
                root: root, variables: Variables(values), problems: problems, customSteps: customSteps)
            problems = draft.problems
            cases.append(
                SuiteCase(
                    suite: name, file: path, name: name + point.label,
                    variables: values.filter { constants[$0.key] != nil || point.variables[$0.key] != nil },
                    given: draft.given, steps: draft.steps, limit: limit))
            let time = draft.steps.reduce(Duration.zero) { $0 + $1.action.ownTime }
            if time >= limit {
                let problem = SettingsProblem(
                    path: "limit",
                    message:
                        "is \(limit.settingsText), and the steps take \(time < Step.Action.longest ? "" : "more than ")\(min(time, Step.Action.longest).settingsText) by themselves; write a longer time"
                )
                if !problems.contains(problem) { problems.append(problem) }
            }
        }
        problems += root.emptyKeys(beside: problems)
        guard problems.isEmpty else {
            let places = LinePlaces(root, yaml: yaml)
            throw SettingsError(problems: problems.map(places.placing))
        }
        self.name = name
        self.path = path
        self.cases = cases
    }

    /// Whether the step or unit of a problem has a variable in it.
    private static func standsIn(variable root: SettingsNode, _ path: String) -> Bool {
        guard case .map(let entries) = root else { return false }
        for entry in entries {
            switch entry.value {
            case .list(let nodes):
                for (index, node) in nodes.enumerated() where path.isWithin("\(entry.key)[\(index)]") {
                    return StepText.hasVariable(node)
                }
            case .map(let inner):
                for one in inner where path.isWithin("\(entry.key).\(one.key)") {
                    return StepText.hasVariable(one.value)
                }
            default: break
            }
        }
        return false
    }

    private static func constants(_ reader: SettingsReader) -> [String: String] {
        guard case .map(let entries)? = reader.node("variables") else {
            _ = reader.map("variables")
            return [:]
        }
        let map = reader.map("variables")
        return entries.reduce(into: [:]) { values, entry in
            guard Variables.isName(entry.key) else {
                map?.report(entry.key, "is no name of a variable: letters, digits, - and _")
                return
            }
            guard let text = Variables.text(entry.value) else {
                map?.report(entry.key, "must be a text or a number, not \(entry.value.kind)")
                return
            }
            values[entry.key] = text
        }
    }

    private static func matrix(_ reader: SettingsReader, set: [String: String]) -> Matrix {
        guard case .map(let entries)? = reader.node("matrix") else {
            _ = reader.map("matrix")
            return Matrix()
        }
        guard let map = reader.map("matrix") else { return Matrix() }
        var matrix = Matrix(reading: map, entries: entries)
        for (index, axis) in matrix.axes.enumerated() {
            guard let wanted = set[axis.name] else { continue }
            matrix.axes[index].values =
                axis.values.filter { $0.name == wanted }.prefix(1).map { $0 }
            if matrix.axes[index].values.isEmpty {
                let names = axis.values.map(\.name).joined(separator: ", ")
                map.report(axis.name, "has no value \"\(wanted)\", which --set asks for; there are: \(names)")
            }
        }
        return matrix
    }
}

extension String {
    /// Whether it is that path, or one below.
    fileprivate func isWithin(_ path: String) -> Bool {
        self == path || hasPrefix(path + ".") || hasPrefix(path + "[")
    }
}

/// Reads what the variables of a case decide: its units and steps.
private struct CaseReader {
    private(set) var given: [GivenUnit] = []
    private(set) var steps: [Step] = []
    private(set) var problems: [SettingsProblem]

    init(root: SettingsNode, variables: Variables, problems: [SettingsProblem], customSteps: Set<String>) {
        self.problems = problems
        var found: [SettingsProblem] = []
        guard case .map(let entries) = root else { return }
        let used = entries.filter { $0.key == "given" || $0.key == "steps" }
        let filled = variables.filling(.map(used)) { found.append($0) }
        let reader = SettingsReader(document: filled)
        if case .map(let units)? = reader.node("given"), let map = reader.map("given") {
            given = units.compactMap { Self.unit($0.key, map) }
        } else {
            _ = reader.map("given")
        }
        let stepReader = StepReader(given: given, customSteps: customSteps)
        let elements = reader.list("steps", maximumCount: StepReader.mostSteps)
        if let elements, elements.isEmpty { reader.report("steps", "is empty; write at least one step") }
        steps = stepReader.steps(elements ?? [])
        for problem in found + reader.problems where !self.problems.contains(problem) {
            self.problems.append(problem)
        }
    }

    private static func unit(_ name: String, _ map: SettingsReader) -> GivenUnit? {
        guard Variables.isName(name), !["hub", "base", "dashboard", "broker", "runner"].contains(name) else {
            map.report(
                name, "is no name for a unit: letters, digits, - and _, and not hub, base, dashboard, broker or runner")
            return nil
        }
        guard let reader = map.map(name) else {
            map.report(name, "is missing its value, a map with kind and abilities")
            return nil
        }
        let kind = reader.string("kind")
        if let kind, kind != "any", UnitKind(rawValue: kind) == nil {
            reader.report("kind", "must be one of \"read\", \"lamp\", \"any\", not \"\(kind)\"")
        }
        let abilities = Ability.read("abilities", reader)
        reader.finish()
        return GivenUnit(name: name, kind: kind.flatMap(UnitKind.init(rawValue:)), abilities: abilities)
    }
}

extension Ability {
    /// The list of abilities at a key.
    static func read(_ key: String, _ reader: SettingsReader) -> Set<Ability> {
        Set(
            (reader.list(key, maximumCount: 100) ?? []).compactMap { element in
                element.parsed { text in
                    guard let ability = Ability(rawValue: text) else { throw NoAbility(text: text) }
                    return ability
                }
            })
    }

    private struct NoAbility: Error, CustomStringConvertible {
        var text: String
        var description: String {
            "must be one of \(Ability.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(text)\""
        }
    }
}
