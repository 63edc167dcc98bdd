import TOMLKit

extension SettingsNode {
    /// Reads a TOML document (1.0).
    ///
    /// - Throws: ``SettingsError`` with one problem, naming the line, when the text is not TOML.
    public init(toml text: String) throws {
        guard text.utf8.count <= Self.maximumBytes else {
            throw SettingsError(problems: [SettingsProblem(path: "", message: "is too large")])
        }
        do {
            self = Self.node(try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            throw SettingsError(problems: [
                SettingsProblem(path: "", line: error.source.begin.line, message: "is not TOML: \(error.description)")
            ])
        }
    }

    private static func node(_ value: any TOMLValueConvertible) -> SettingsNode {
        if let table = value.table {
            return .map(
                table.keys.sorted().compactMap { key in
                    table[key].map { SettingsEntry(key: key, value: node($0)) }
                })
        }
        if let array = value.array { return .list(array.map(node)) }
        if let flag = value.bool { return .bool(flag) }
        if let number = value.int { return .integer(number) }
        if let number = value.double { return .double(number) }
        // Dates and times are text here: no configuration has one.
        return .string(value.string ?? value.debugDescription)
    }
}
