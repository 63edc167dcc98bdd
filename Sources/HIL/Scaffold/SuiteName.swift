/// A suite's name that is a file's name as well.
struct SuiteName: Equatable, Sendable {
    static let longest = 64

    let text: String

    /// - Throws: ``ScaffoldError/badName(_:)``.
    init(_ text: String) throws(ScaffoldError) {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
            default: false
            }
        }
        guard !text.isEmpty, text.utf8.count <= Self.longest, isPlain, !text.hasPrefix("-") else {
            throw .badName(text)
        }
        self.text = text
    }
}
