/// Looks for a line in what a speaker has said, and is yet to say; at each line once.
struct LineSearch {
    private static let chunk = 512

    let lines: Heard<String>
    /// Up to where nothing was found.
    private(set) var place: Int
    /// How many were gone before they were looked at.
    private var skipped = 0
    private let matcher: LineMatcher

    /// - Throws: ``HILError/failed(_:)`` where the pattern is no regular expression.
    init(_ pattern: TextPattern, in lines: Heard<String>, from place: Int) throws {
        self.lines = lines
        self.place = place
        matcher = try LineMatcher(pattern)
    }

    /// How many lines were never looked at, and never will be.
    var missing: Int { skipped + lines.missing(from: .max) }

    /// The next line that fits, and the place after it; nil where none has come yet.
    ///
    /// - Throws: ``HILError/failed(_:)`` of the pattern; `CancellationError`.
    mutating func next() throws -> (entry: Heard<String>.Entry, next: Int)? {
        while true {
            let (entries, start) = lines.entries(from: place, atMost: Self.chunk)
            skipped += max(0, start - place)
            place = max(place, start)
            for (offset, entry) in entries.enumerated() {
                try Task.checkCancellation()
                place = start + offset + 1
                if try matcher.matches(entry.element) { return (entry, place) }
            }
            if entries.isEmpty { return nil }
        }
    }
}
