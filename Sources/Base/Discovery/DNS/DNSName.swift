/// A domain name: labels of 1 to 63 bytes each, at most 255 bytes together as they stand in a message (RFC 1035, 3.1).
///
/// Two names are the same when they differ in the case of ASCII letters alone (RFC 6762, 16).
struct DNSName: Hashable, Sendable, CustomStringConvertible {
    static let maximumBytes = 255
    static let maximumLabelBytes = 63

    /// As they were written.
    let labels: [[UInt8]]
    /// The labels in lower case: what names are compared by.
    let folded: [[UInt8]]

    /// - Returns: Nil when a label or the whole is too long, or a label empty.
    init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ (1...Self.maximumLabelBytes).contains($0.count) }),
            labels.reduce(1, { $0 + 1 + $1.count }) <= Self.maximumBytes
        else { return nil }
        self.labels = labels
        folded = labels.map { $0.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } }
    }

    /// A name without dots inside labels, such as `_http._tcp.local`.
    init?(_ text: String) {
        self.init(labels: text.split(separator: ".").map { Array($0.utf8) })
    }

    /// Whether this is a name with one label before those of `parent`, as an instance is of its service.
    func isChild(of parent: DNSName) -> Bool {
        labels.count == parent.labels.count + 1 && folded.dropFirst() == parent.folded[...]
    }

    static func == (left: DNSName, right: DNSName) -> Bool {
        left.folded == right.folded
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(folded)
    }

    var description: String {
        labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
    }
}
