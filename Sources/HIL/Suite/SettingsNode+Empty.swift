import Settings

extension SettingsNode {
    /// A problem for each key that stands there without a value: whether it was forgotten, or what is usual was meant, nobody knows.
    ///
    /// - Parameters:
    ///   - leaving: Paths of maps in which a key may have none.
    ///   - known: Problems that were told; there are none beside them for the same key.
    func emptyKeys(leaving: Set<String> = [], beside known: [SettingsProblem] = []) -> [SettingsProblem] {
        let told = Set(known.map(\.path))
        return emptyPaths("", leaving).filter { !told.contains($0) }.map { path in
            SettingsProblem(path: path, message: "has no value; write one, or leave the key out")
        }
    }

    private func emptyPaths(_ path: String, _ leaving: Set<String>) -> [String] {
        guard !leaving.contains(path) else { return [] }
        switch self {
        case .map(let entries):
            return entries.flatMap { entry in
                let inner = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                return entry.value == .null ? [inner] : entry.value.emptyPaths(inner, leaving)
            }
        case .list(let nodes):
            return nodes.enumerated().flatMap { index, node in node.emptyPaths("\(path)[\(index)]", leaving) }
        default: return []
        }
    }
}
