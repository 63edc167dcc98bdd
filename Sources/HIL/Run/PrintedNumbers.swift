/// The numbers that a unit has printed on its console since a place, in its latest life and before it.
struct PrintedNumbers: Sendable {
    private let console: Heard<String>
    /// Whether what was lost with an earlier life is no loss; else all lives are one.
    private let hasLives: Bool
    private let begin: Int
    /// Up to where the console was read.
    private var next: Int
    private var numbers: [(value: String, place: Int)] = []
    private var birth = 0

    init(of console: Heard<String>, from place: Int, hasLives: Bool) {
        self.console = console
        self.hasLives = hasLives
        (begin, next) = (place, place)
    }

    /// How many lines of the console are not here, any of which may have been a number.
    var missing: Int { console.missing(from: begin) }

    /// Takes what was printed since the last time.
    mutating func read() {
        if hasLives { birth = console.birth }
        let (entries, end) = console.all(from: next)
        for (offset, entry) in entries.enumerated() where Int(entry.element) != nil {
            numbers.append((entry.element, end - entries.count + offset))
        }
        next = end
    }

    /// Where the line after the last of some values is: they stand in what was printed, one behind the other with none between them.
    ///
    /// What was on its way when an earlier life ended comes first; between the two lives some may be lost, which the power has taken.
    ///
    /// - Parameter count: So many are to be of the latest life.
    /// - Returns: Nil where they may yet, as the console is not heard up to there.
    /// - Throws: ``HILError/failed(_:)`` where they cannot.
    func end(of values: [String], atLeast count: Int) throws -> Int? {
        guard !values.isEmpty else { return begin }
        let split = numbers.firstIndex { $0.place >= birth } ?? numbers.endIndex
        let (earlier, latest) = (numbers[..<split], numbers[split...])
        let fromEarlier = Self.run(of: values[...], in: earlier).longest
        var mayYet = false
        var longest = 0
        for first in 0...fromEarlier {
            let found = Self.run(of: values[first...], in: latest)
            if let end = found.end, values.count - first >= count { return end }
            mayYet = mayYet || found.end != nil || found.mayGrow
            longest = max(longest, first + found.longest)
        }
        guard !mayYet else { return nil }
        let before = begin > 0 ? " since what it had last" : ""
        throw HILError.failed(
            "what the hub has is not what the console printed\(before): after \(longest) that are alike the hub has "
                + "\(values.dropFirst(max(0, longest - 1)).prefix(4).joined(separator: ", ")), of which the console knows no such order"
        )
    }

    /// Where values stand one behind the other, as early as they do.
    ///
    /// - Returns: The place after the line of the last, nil where not all are there; whether those that are there may yet be followed by the
    ///   others; and how many of the first ones stand there anywhere.
    private static func run(
        of values: ArraySlice<String>, in numbers: ArraySlice<(value: String, place: Int)>
    ) -> (end: Int?, mayGrow: Bool, longest: Int) {
        guard !values.isEmpty else { return (nil, true, 0) }
        var mayGrow = numbers.isEmpty
        var longest = 0
        for start in numbers.indices where numbers[start].value == values.first {
            let alike = zip(values, numbers[start...]).prefix { $0 == $1.value }.count
            if alike == values.count { return (numbers[start + alike - 1].place + 1, false, alike) }
            mayGrow = mayGrow || start + alike == numbers.endIndex
            longest = max(longest, alike)
        }
        return (nil, mayGrow, longest)
    }
}
