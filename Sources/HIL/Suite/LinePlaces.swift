import Settings

/// Where in a file the parts of its tree stand, so that what is missing is told with the line of what it is missing from.
struct LinePlaces {
    private var lines: [String: Int] = [:]

    /// - Parameter text: What the tree was read from.
    init(_ root: SettingsNode, yaml text: String) {
        lines = SettingsNode.elementLines(yaml: text)
        add(root, "")
    }

    private mutating func add(_ node: SettingsNode, _ path: String) {
        switch node {
        case .map(let entries):
            if lines[path] == nil, let first = entries.first?.line { lines[path] = first }
            for entry in entries {
                let inner = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                if lines[inner] == nil { lines[inner] = entry.line }
                add(entry.value, inner)
            }
        case .list(let nodes):
            for (index, node) in nodes.enumerated() { add(node, "\(path)[\(index)]") }
        default: break
        }
    }

    /// The problem with the line of the nearest part around it, where it has none.
    func placing(_ problem: SettingsProblem) -> SettingsProblem {
        var path = problem.path[...]
        // An element of a list is told with the list's line otherwise.
        while true {
            if let line = lines[String(path)], !path.isEmpty {
                return SettingsProblem(path: problem.path, line: line, message: problem.message)
            }
            guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return problem }
            path = path[..<cut]
        }
    }
}
