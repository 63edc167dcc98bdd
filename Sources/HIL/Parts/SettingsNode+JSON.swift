import Settings

extension SettingsNode {
    /// With the values of another tree over it: maps are merged, anything else is replaced.
    func merging(_ other: SettingsNode) -> SettingsNode {
        guard case .map(var entries) = self, case .map(let others) = other else { return other }
        for entry in others {
            if let index = entries.firstIndex(where: { $0.key == entry.key }) {
                entries[index].value = entries[index].value.merging(entry.value)
            } else {
                entries.append(entry)
            }
        }
        return .map(entries)
    }

    /// The tree as JSON.
    var json: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .double(let number): number.isFinite ? "\(number)" : "null"
        case .string(let text): Self.quoted(text)
        case .list(let nodes): "[\(nodes.map(\.json).joined(separator: ","))]"
        case .map(let entries): "{\(entries.map { "\(Self.quoted($0.key)):\($0.value.json)" }.joined(separator: ","))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let inner = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case let control where control.value < 0x20:
                "\\u00" + (control.value < 16 ? "0" : "") + String(control.value, radix: 16)
            case let other: String(other)
            }
        }
        return "\"\(inner.joined())\""
    }
}
