import Settings

/// The values that `${name}` stands for in a suite.
struct Variables: Equatable, Sendable {
    private(set) var values: [String: String]

    init(_ values: [String: String] = [:]) {
        self.values = values
    }

    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Whether it can be a variable's name: letters, digits, `-`, `_`; a point stands before the key of a matrix' map.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
                    || $0 == 0x5F || $0 == 0x2E
            }
    }

    /// The node with all variables put in. A text that is one variable and nothing else becomes a number, or true or false,
    /// where its value reads as one.
    ///
    /// - Parameter problem: Is told what cannot be put in, with the line of the nearest key.
    func filling(
        _ node: SettingsNode, path: String = "", line: Int? = nil, problem: (SettingsProblem) -> Void
    ) -> SettingsNode {
        switch node {
        case .string(let text):
            guard text.contains("$") else { return node }
            let filled = fill(text) { problem(SettingsProblem(path: path, line: line, message: $0)) }
            let isWhole = text.hasPrefix("${") && text.firstIndex(of: "}") == text.index(before: text.endIndex)
            return isWhole ? Self.scalar(filled) : .string(filled)
        case .list(let nodes):
            return .list(
                nodes.enumerated().map { index, node in
                    filling(node, path: "\(path)[\(index)]", line: line, problem: problem)
                })
        case .map(let entries):
            return .map(
                entries.map { entry in
                    SettingsEntry(
                        key: entry.key,
                        value: filling(
                            entry.value, path: path.isEmpty ? entry.key : "\(path).\(entry.key)",
                            line: entry.line ?? line, problem: problem),
                        line: entry.line)
                })
        default: return node
        }
    }

    /// Puts values into a text; `$${` is a `${` that stays.
    private func fill(_ text: String, _ problem: (String) -> Void) -> String {
        var (result, rest) = ("", text[...])
        while let dollar = rest.range(of: "${") {
            if rest[..<dollar.lowerBound].hasSuffix("$") {
                result += rest[..<dollar.lowerBound].dropLast() + "${"
                rest = rest[dollar.upperBound...]
                continue
            }
            result += rest[..<dollar.lowerBound]
            guard let end = rest[dollar.upperBound...].firstIndex(of: "}") else {
                problem("has a ${ without its }; write $${ for a ${ that stays")
                return result
            }
            let name = String(rest[dollar.upperBound..<end])
            if let value = values[name] {
                result += value
            } else {
                let known = values.keys.sorted().joined(separator: ", ")
                problem("names no variable with ${\(name)}; known are: \(known.isEmpty ? "none" : known)")
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    /// A value as YAML reads it.
    private static func scalar(_ text: String) -> SettingsNode {
        if let integer = Int(text) { return .integer(integer) }
        if text == "true" || text == "false" { return .bool(text == "true") }
        return .string(text)
    }

    /// The text of a scalar; nil for anything else.
    static func text(_ node: SettingsNode) -> String? {
        switch node {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .null, .list, .map: nil
        }
    }
}
