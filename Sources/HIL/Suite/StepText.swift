import Settings

/// A value as one line of YAML, for reports.
enum StepText {
    private static let longest = 300

    static func flow(_ node: SettingsNode) -> String {
        let text = whole(node)
        return text.utf8.count > longest ? String(text.prefix(longest)) + "…" : text
    }

    /// Whether a variable is to be put into it somewhere.
    static func hasVariable(_ node: SettingsNode) -> Bool {
        switch node {
        case .string(let text): text.contains("${")
        case .list(let nodes): nodes.contains(where: hasVariable)
        case .map(let entries): entries.contains { hasVariable($0.value) }
        default: false
        }
    }

    private static func whole(_ node: SettingsNode) -> String {
        switch node {
        case .null: "~"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): scalar(text)
        case .list(let nodes): "[\(nodes.map(whole).joined(separator: ", "))]"
        case .map(let entries): "{\(entries.map { "\($0.key): \(whole($0.value))" }.joined(separator: ", "))}"
        }
    }

    /// In quotes where there is more in it than letters show.
    private static func scalar(_ text: String) -> String {
        guard text.isEmpty || text.unicodeScalars.contains(where: { !$0.isASCII || $0.value < 0x20 || $0 == "\"" })
        else {
            return text
        }
        let quoted = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\r": "\\r"
            case "\n": "\\n"
            case "\t": "\\t"
            case "\"": "\\\""
            case let other where other.value < 0x20: "\\u{\(String(other.value, radix: 16))}"
            case let other: String(other)
            }
        }
        return "\"\(quoted.joined())\""
    }
}
