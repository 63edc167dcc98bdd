import Synchronization

/// The last few lines of a program, for an error that tells why it has ended.
final class LastLines: Sendable {
    private static let most = 3
    private let lines = Mutex<[String]>([])

    func append(_ line: String) {
        guard !line.isEmpty else { return }
        lines.withLock { lines in
            if lines.count == Self.most { lines.removeFirst() }
            lines.append(line)
        }
    }

    var last: String? { lines.withLock(\.last) }

    /// All of them on one line, each cut at 300 characters; nil where there are none.
    var text: String? {
        lines.withLock { $0.isEmpty ? nil : $0.map { String($0.prefix(300)) }.joined(separator: " | ") }
    }
}
