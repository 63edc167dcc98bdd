import Settings

/// Reads the arguments of a step in Swift, and collects what is wrong with them.
struct StepArguments {
    private let arguments: [String: String]
    private var known: [String] = []
    private var wrong: [CustomStepProblem] = []

    init(_ arguments: [String: String]) {
        self.arguments = arguments
    }

    /// What is wrong, the keys that nobody has asked for first.
    var problems: [CustomStepProblem] {
        arguments.keys.filter { !known.contains($0) }.sorted().map { key in
            CustomStepProblem(
                key: key,
                message: "is not a key that is known here; known are: name, \(known.joined(separator: ", "))")
        } + wrong
    }

    mutating func text(_ key: String, _ what: String) -> String {
        known.append(key)
        if arguments[key] == nil { report(key, "is missing; it is \(what)") }
        return arguments[key] ?? ""
    }

    mutating func number(_ key: String, in range: ClosedRange<Int>, without usual: Int) -> Int {
        known.append(key)
        guard let text = arguments[key] else { return usual }
        if let number = Int(text), range.contains(number) { return number }
        report(key, "must be from \(range.lowerBound) to \(range.upperBound), not \(text)")
        return usual
    }

    mutating func time(_ key: String, without usual: Duration) -> Duration {
        known.append(key)
        guard let text = arguments[key] else { return usual }
        if let time = Duration(settingsText: text) { return time }
        report(key, "must be a time such as 250ms or 5s, not \"\(text)\"")
        return usual
    }

    /// `least` and `most`, in order.
    mutating func bounds(without most: Duration) -> ClosedRange<Duration> {
        let before = wrong.count
        let (least, most) = (time("least", without: .zero), time("most", without: most))
        guard wrong.count == before else { return .zero...(.zero) }
        guard least <= most else {
            report("least", "is more than most, \(most.settingsText)")
            return .zero...(.zero)
        }
        return least...most
    }

    private mutating func report(_ key: String, _ message: String) {
        wrong.append(CustomStepProblem(key: key, message: message))
    }
}
