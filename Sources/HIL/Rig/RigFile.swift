import Settings
import UnitProtocol

/// Facts about a bench; docs/hil-rig.schema.json is the schema.
struct RigFile: Sendable {
    let name: String
    let path: String
    let boards: [RigBoard]
    /// Values of variables that suites have.
    let variables: [String: String]
    let base: RigPart
    let hub: RigPart

    private static let mostBoards = 200

    /// - Throws: ``SettingsError`` with all that is wrong, naming the file.
    init(path: String) throws {
        let text = try SettingsText.of(path)
        self = try SettingsError.naming(path) { try RigFile(yaml: text, path: path) }
    }

    init(yaml: String, path: String) throws {
        let document = try SettingsNode(yaml: yaml)
        let root = SettingsReader(document: document)
        name = root.string("name", maximumLength: 100) ?? ""
        if name.isEmpty, root.problems.isEmpty { root.report("name", "is missing; it names the rig in reports") }
        _ = root.string("description", maximumLength: 10_000)
        self.path = path
        var boards: [RigBoard] = []
        if case .map(let entries)? = root.node("boards"), let map = root.map("boards") {
            if entries.count > Self.mostBoards { root.report("boards", "has more than \(Self.mostBoards) boards") }
            for entry in entries.prefix(Self.mostBoards) {
                guard Variables.isName(entry.key) else {
                    map.report(entry.key, "is no name for a board: letters, digits, - and _")
                    continue
                }
                guard let reader = map.map(entry.key) else {
                    map.report(entry.key, "is missing its value, a map with kind and driver")
                    continue
                }
                if let board = BoardReader(reader).board(entry.key, line: entry.line ?? 0) { boards.append(board) }
            }
            Self.findTwins(boards, map)
        } else if root.node("boards") == nil {
            root.report("boards", "is missing; it is the map of boards")
        } else {
            _ = root.map("boards")
        }
        var variables: [String: String] = [:]
        if case .map(let entries)? = root.node("variables"), let map = root.map("variables") {
            for entry in entries {
                if let text = Variables.text(entry.value) {
                    variables[entry.key] = text
                } else {
                    map.report(entry.key, "must be a text or a number, not \(entry.value.kind)")
                }
            }
        } else {
            _ = root.map("variables")
        }
        base = RigPart(reading: root.map("base"), hasSettings: true)
        hub = RigPart(reading: root.map("hub"), hasSettings: false)
        root.finish()
        // What the base's configuration makes of a key without a value is its own affair.
        let problems = root.problems + document.emptyKeys(leaving: ["base.settings"], beside: root.problems)
        guard problems.isEmpty else {
            let places = LinePlaces(document, yaml: yaml)
            throw SettingsError(problems: problems.map(places.placing))
        }
        self.boards = boards
        self.variables = variables
    }

    /// Two boards that are one would be used by two at once.
    private static func findTwins(_ boards: [RigBoard], _ map: SettingsReader) {
        let names = BoardNames()
        var owners: [String: String] = [:]
        for board in boards {
            for name in names.of(board) {
                if let owner = owners[name] {
                    map.report(board.name, "is the same as \(owner): both have \(name)")
                } else {
                    owners[name] = board.name
                }
            }
        }
    }
}
