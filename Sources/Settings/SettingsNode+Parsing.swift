import Foundation
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
            self = try JSONDecoder().decode(DecodedJSON.self, from: Data(text.utf8)).node
        } catch let error as SettingsError {
            throw error
        } catch let error as DecodingError {
            throw SettingsError(problems: [SettingsProblem(path: "", message: "is not JSON: \(error.reason)")])
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
            throw SettingsError(problems: [SettingsProblem(path: "", message: "is not YAML: \(error)")])
        }
    }

    private static func checkSize(_ text: String) throws {
        guard text.utf8.count <= maximumBytes else {
            throw SettingsError(problems: [
                SettingsProblem(path: "", message: "is larger than \(maximumBytes / 1024 / 1024) MiB")
            ])
        }
    }

    fileprivate static func checkDepth(_ depth: Int) throws {
        guard depth < maximumDepth else {
            throw SettingsError(problems: [
                SettingsProblem(path: "", message: "is nested deeper than \(maximumDepth) levels")
            ])
        }
    }

    /// Aliases make a small text into a large tree; `budget` counts the nodes that may still be made.
    private static func node(fromYAML node: Node, depth: Int, budget: inout Int) throws -> SettingsNode {
        try checkDepth(depth)
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

/// Carries JSON from Foundation's decoder into the tree; keys come out sorted, as the decoder keeps no order.
private struct DecodedJSON: Decodable {
    let node: SettingsNode

    init(from decoder: any Decoder) throws {
        try SettingsNode.checkDepth(decoder.codingPath.count)
        if let container = try? decoder.container(keyedBy: AnyKey.self) {
            node = .map(
                try container.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
                    SettingsEntry(
                        key: key.stringValue, value: try container.decode(DecodedJSON.self, forKey: key).node)
                })
        } else if var container = try? decoder.unkeyedContainer() {
            var elements: [SettingsNode] = []
            while !container.isAtEnd {
                elements.append(try container.decode(DecodedJSON.self).node)
            }
            node = .list(elements)
        } else {
            node = try Self.scalar(decoder.singleValueContainer())
        }
    }

    private static func scalar(_ container: any SingleValueDecodingContainer) throws -> SettingsNode {
        if container.decodeNil() { return .null }
        if let bool = try? container.decode(Bool.self) { return .bool(bool) }
        if let integer = try? container.decode(Int.self) { return .integer(integer) }
        if let double = try? container.decode(Double.self) { return .double(double) }
        return .string(try container.decode(String.self))
    }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init?(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        return nil
    }
}

extension DecodingError {
    fileprivate var reason: String {
        switch self {
        case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            let underlying = (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey] as? String
            return underlying ?? context.debugDescription
        @unknown default:
            return "\(self)"
        }
    }
}
