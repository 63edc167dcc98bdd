import JSONSyntax
import Yams

extension SettingsNode {
    /// The deepest nesting, the largest document and the most values that are read; whatever a person writes is far below.
    static let maximumDepth = 64
    static let maximumBytes = 16 * 1024 * 1024
    static let maximumNodes = 200_000

    /// Reads a JSON document (RFC 8259).
    ///
    /// - Throws: ``SettingsError`` with one problem when the text is not JSON.
    public init(json text: String) throws {
        try Self.checkSize(text)
        do {
            self.init(try JSONSyntax(bytes: Array(text.utf8), maximumDepth: Self.maximumDepth))
        } catch .tooDeep {
            throw Self.tooDeep
        } catch {
            throw SettingsError(problems: [SettingsProblem(path: "", message: "is not JSON: \(error)")])
        }
    }

    /// Reads a YAML document (one; aliases are resolved, merges are not).
    ///
    /// - Throws: ``SettingsError`` with one problem, naming the line, when the text is not YAML.
    public init(yaml text: String) throws {
        try Self.checkSize(text)
        do {
            guard let root = try Yams.compose(yaml: text) else {
                self = .null
                return
            }
            var budget = Self.maximumNodes
            self = try Self.node(fromYAML: root, depth: 0, budget: &budget)
        } catch let error as YamlError {
            throw SettingsError(problems: [SettingsProblem(error)])
        }
    }

    /// The lines, from 1, of the texts and numbers that are elements of lists, by their paths, `steps[2]`: a tree has those of keys alone.
    ///
    /// - Returns: Nothing where the text is not YAML.
    public static func elementLines(yaml text: String) -> [String: Int] {
        guard text.utf8.count <= maximumBytes, let root = try? Yams.compose(yaml: text) else { return [:] }
        var lines: [String: Int] = [:]
        var budget = maximumNodes
        addLines(of: root, "", depth: 0, &lines, &budget)
        return lines
    }

    private static func addLines(
        of node: Node, _ path: String, depth: Int, _ lines: inout [String: Int], _ budget: inout Int
    ) {
        budget -= 1
        guard depth < maximumDepth, budget > 0 else { return }
        switch node {
        case .sequence(let nodes):
            for (index, inner) in nodes.enumerated() {
                if case .scalar(let scalar) = inner { lines["\(path)[\(index)]"] = scalar.mark?.line }
                addLines(of: inner, "\(path)[\(index)]", depth: depth + 1, &lines, &budget)
            }
        case .mapping(let entries):
            for (key, value) in entries {
                let name = key.string ?? ""
                addLines(of: value, path.isEmpty ? name : "\(path).\(name)", depth: depth + 1, &lines, &budget)
            }
        default: break
        }
    }

    private static func checkSize(_ text: String) throws {
        guard text.utf8.count <= maximumBytes else {
            throw SettingsError(problems: [
                SettingsProblem(path: "", message: "is larger than \(maximumBytes / 1024 / 1024) MiB")
            ])
        }
    }

    private static let tooDeep = SettingsError(problems: [
        SettingsProblem(path: "", message: "is nested deeper than \(maximumDepth) levels")
    ])

    private init(_ syntax: JSONSyntax) {
        switch syntax {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let literal): self = Self.number(literal)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map { SettingsNode($0) })
        case .object(let members):
            self = .map(members.map { SettingsEntry(key: $0.key, value: SettingsNode($0.value)) })
        }
    }

    /// A whole number may be written as `1.0` or `1e3` too; one that is too large for all is without end.
    private static func number(_ literal: String) -> SettingsNode {
        if let integer = Int(literal) { return .integer(integer) }
        let number = Double(literal) ?? .infinity
        return Int(exactly: number).map(SettingsNode.integer) ?? .double(number)
    }

    /// Aliases make a small text into a large tree; `budget` counts the nodes that may still be made.
    private static func node(fromYAML node: Node, depth: Int, budget: inout Int) throws -> SettingsNode {
        guard depth < maximumDepth else { throw tooDeep }
        budget -= 1
        guard budget > 0 else {
            throw SettingsError(problems: [
                SettingsProblem(path: "", message: "has more than \(Self.maximumNodes) values")
            ])
        }
        switch node {
        case .scalar(let scalar):
            return value(of: scalar)
        case .sequence(let sequence):
            return .list(try sequence.map { try self.node(fromYAML: $0, depth: depth + 1, budget: &budget) })
        case .mapping(let mapping):
            return .map(
                try mapping.map { key, value in
                    SettingsEntry(
                        key: key.string ?? "",
                        value: try self.node(fromYAML: value, depth: depth + 1, budget: &budget),
                        line: key.mark?.line)
                })
        case .alias:
            throw SettingsError(problems: [SettingsProblem(path: "", message: "has an alias to nothing")])
        }
    }

    private static func value(of scalar: Node.Scalar) -> SettingsNode {
        guard scalar.style == .any || scalar.style == .plain else {
            return .string(scalar.string)
        }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case let text where text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }:
            // The core schema of YAML 1.2, decimal notation only.
            if let integer = Int(text) { return .integer(integer) }
            if let double = Double(text) { return .double(double) }
        default: break
        }
        return .string(scalar.string)
    }
}
