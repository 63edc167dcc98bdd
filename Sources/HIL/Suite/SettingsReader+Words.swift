import Settings

extension SettingsReader {
    /// A list of texts, in which a number stands for how it is written.
    func words(_ key: String) -> [String]? {
        list(key, maximumCount: 1000)?.compactMap { element in
            let text = Variables.text(element.node)
            if text == nil { element.report("must be a text, not \(element.node.kind)") }
            return text
        }
    }

    /// A program and its arguments; nil where there is none, which is a problem where the key has a list.
    func program(_ key: String) -> [String]? {
        guard let words = words(key) else { return nil }
        guard let program = words.first, !program.isEmpty else {
            report(key, "is empty; it is a list: the program and its arguments")
            return nil
        }
        return words
    }
}
