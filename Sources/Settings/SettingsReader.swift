/// Reads one map of a configuration, key by key, and collects every problem instead of stopping at the first.
///
/// A reader is used once for each map: ask for each key that the schema knows, then call ``finish()``, which reports
/// the keys that nobody asked for. Readers of nested maps share the list of problems with their parent.
public final class SettingsReader {
    /// Where the map stands in the document: `cohorts[2]`; empty for the document itself.
    public let path: String
    private let entries: [SettingsEntry]
    /// Where each key stands first.
    private let places: [String: Int]
    private var asked: Set<String> = []
    private let collector: ProblemCollector

    /// Starts at the root of a document. A root that is not a map is a problem of its own.
    public convenience init(document: SettingsNode) {
        self.init(node: document, path: "", line: nil, collector: ProblemCollector())
    }

    private init(node: SettingsNode, path: String, line: Int?, collector: ProblemCollector) {
        self.path = path
        self.collector = collector
        if case .map(let entries) = node {
            self.entries = entries
        } else {
            self.entries = []
            collector.add(SettingsProblem(path: path, line: line, message: "must be a map, not \(node.kind)"))
        }
        places = Dictionary(zip(self.entries.map(\.key), self.entries.indices)) { first, _ in first }
        reportDuplicates()
    }

    /// What was found so far, in this reader and in all that share its document: the first 100, and how many more there are.
    public var problems: [SettingsProblem] { collector.problems }

    /// Ends the reading of the whole document.
    ///
    /// - Throws: ``SettingsError`` with all problems, when there is one.
    public func throwIfProblems() throws {
        if !collector.problems.isEmpty {
            throw SettingsError(problems: collector.problems)
        }
    }

    /// Reports each key of this map that was not asked for.
    public func finish() {
        let known = asked.sorted().joined(separator: ", ")
        for entry in entries where !asked.contains(entry.key) {
            report(entry.key, "is not a key that is known here; known are: \(known)")
        }
    }

    /// Adds a problem at `key` of this map (the map itself when `key` is nil).
    public func report(_ key: String?, _ message: String) {
        let line = key.flatMap(entry)?.line
        collector.add(SettingsProblem(path: key.map(childPath) ?? path, line: line, message: message))
    }

    /// The value as it was written, or nil when the key is absent (or null).
    public func node(_ key: String) -> SettingsNode? {
        asked.insert(key)
        guard let node = entry(key)?.value, node != .null else { return nil }
        return node
    }

    private func entry(_ key: String) -> SettingsEntry? { places[key].map { entries[$0] } }

    public func string(_ key: String, maximumLength: Int = 4096) -> String? {
        guard let node = node(key) else { return nil }
        guard case .string(let string) = node else {
            report(key, "must be a string, not \(node.kind)")
            return nil
        }
        guard string.utf8.count <= maximumLength else {
            report(key, "is longer than \(maximumLength) bytes")
            return nil
        }
        return string
    }

    public func bool(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard case .bool(let bool) = node else {
            report(key, "must be true or false, not \(node.kind)")
            return nil
        }
        return bool
    }

    public func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = node(key) else { return nil }
        guard case .integer(let integer) = node else {
            report(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(node.kind)")
            return nil
        }
        guard range.contains(integer) else {
            report(key, "must be from \(range.lowerBound) to \(range.upperBound), not \(integer)")
            return nil
        }
        return integer
    }

    /// A span of time: `250ms`, `1.5s`, `5m`, `2h`, `1d`, or a bare number of seconds.
    public func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        guard let node = node(key) else { return nil }
        guard let (duration, written) = Self.duration(node) else {
            report(key, "must be a time such as 250ms, 1s, 5m or 2h")
            return nil
        }
        guard range.contains(duration) else {
            let bounds = "from \(range.lowerBound.settingsText) to \(range.upperBound.settingsText)"
            report(key, "must be \(bounds), not \(written)")
            return nil
        }
        return duration
    }

    /// The time, and how a message repeats what was written.
    private static func duration(_ node: SettingsNode) -> (Duration, written: String)? {
        func taken(_ number: some Numeric) -> String { "\(number), which counts seconds; write a unit: \(number)ms" }
        return switch node {
        case .integer(let seconds) where (0..<1_000_000_000).contains(seconds): (.seconds(seconds), taken(seconds))
        case .double(let seconds) where (0..<1e9).contains(seconds): (.seconds(seconds), taken(seconds))
        case .string(let text): Duration(settingsText: text).map { ($0, text) }
        default: nil
        }
    }

    /// A value that `parse` understands from a string; its error's description becomes the problem.
    public func parsed<Value>(_ key: String, _ parse: (String) throws -> Value) -> Value? {
        guard let text = string(key) else { return nil }
        do {
            return try parse(text)
        } catch {
            report(key, "\(error)")
            return nil
        }
    }

    /// One of a fixed set of words.
    public func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, of type: Value.Type
    ) -> Value? where Value.RawValue == String {
        guard let text = string(key) else { return nil }
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            report(key, "must be one of \(words), not \"\(text)\"")
            return nil
        }
        return value
    }

    /// A reader for the map at `key`, or nil when the key is absent.
    public func map(_ key: String) -> SettingsReader? {
        guard let node = node(key) else { return nil }
        return child(node, path: childPath(key), line: entry(key)?.line)
    }

    /// The list at `key`, each element with its own path (`clients[3]`), or nil when the key is absent.
    public func list(_ key: String, maximumCount: Int = 100_000) -> [SettingsElement]? {
        guard let node = node(key) else { return nil }
        guard case .list(let nodes) = node else {
            report(key, "must be a list, not \(node.kind)")
            return nil
        }
        guard nodes.count <= maximumCount else {
            report(key, "has \(nodes.count) elements; at most \(maximumCount) are allowed")
            return nil
        }
        let line = entry(key)?.line
        return nodes.enumerated().map { index, node in
            SettingsElement(node: node, path: "\(childPath(key))[\(index)]", line: line, parent: self)
        }
    }

    fileprivate func child(_ node: SettingsNode, path: String, line: Int?) -> SettingsReader {
        SettingsReader(node: node, path: path, line: line, collector: collector)
    }

    fileprivate func add(_ problem: SettingsProblem) {
        collector.add(problem)
    }

    private func childPath(_ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    private func reportDuplicates() {
        var seen: Set<String> = []
        for entry in entries where !seen.insert(entry.key).inserted {
            report(entry.key, "is written twice; keep one")
        }
    }
}

/// One element of a list in a configuration.
public struct SettingsElement {
    public let node: SettingsNode
    public let path: String
    let line: Int?
    let parent: SettingsReader

    /// A reader for an element that must be a map.
    public func map() -> SettingsReader {
        parent.child(node, path: path, line: line)
    }

    /// An element that must be a string which `parse` understands.
    public func parsed<Value>(_ parse: (String) throws -> Value) -> Value? {
        guard case .string(let text) = node else {
            report("must be a string, not \(node.kind)")
            return nil
        }
        do {
            return try parse(text)
        } catch {
            report("\(error)")
            return nil
        }
    }

    /// Adds a problem at this element.
    public func report(_ message: String) {
        parent.add(SettingsProblem(path: path, line: line, message: message))
    }
}

/// The list of problems that all readers of one document share: the first ones, and how many more there are.
private final class ProblemCollector {
    private static let most = 100

    private var first: [SettingsProblem] = []
    private var more = 0

    var problems: [SettingsProblem] {
        guard more > 0 else { return first }
        let rest = SettingsProblem(path: "", message: "has \(more) more problems; mend those above first")
        return first + [rest]
    }

    func add(_ problem: SettingsProblem) {
        if first.count < Self.most { first.append(problem) } else { more += 1 }
    }
}
