/// A configuration document as a tree: what a person wrote, before anything is believed of it.
///
/// Both JSON and YAML become this, so that one reader (``SettingsReader``) checks either.
public indirect enum SettingsNode: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case string(String)
    case list([SettingsNode])
    case map([SettingsEntry])

    /// What the node is, in the words of an error message: `a string`, `a list`.
    public var kind: String {
        switch self {
        case .null: "nothing"
        case .bool: "true or false"
        case .integer: "a whole number"
        case .double: "a number"
        case .string: "a string"
        case .list: "a list"
        case .map: "a map"
        }
    }
}

/// One key of a map, in the order in which it was written.
public struct SettingsEntry: Equatable, Sendable {
    public var key: String
    public var value: SettingsNode
    /// The line of the key, counted from 1; nil where the format does not tell (JSON).
    public var line: Int?

    public init(key: String, value: SettingsNode, line: Int? = nil) {
        self.key = key
        self.value = value
        self.line = line
    }
}
