/// One test of a ``JUnitSuite``.
public struct JUnitCase: Equatable, Sendable {
    /// Something that went wrong.
    public struct Problem: Equatable, Sendable {
        /// In one line.
        public var message: String
        /// All that is known of it; empty: nothing more.
        public var details: String
        public var isError: Bool

        /// - Parameter isError: Whether the test could not be run, rather than found something wrong.
        public init(_ message: String, details: String = "", isError: Bool = false) {
            self.message = message
            self.details = details
            self.isError = isError
        }
    }

    public enum Outcome: Equatable, Sendable {
        /// - Parameter after: What went wrong in the attempts before the last, which passed: such a test is flaky.
        case passed(after: [Problem] = [])
        case skipped(String)
        /// - Parameter again: What went wrong when it was tried again.
        case wrong(Problem, again: [Problem] = [])
    }

    public var name: String
    public var seconds: Double?
    public var properties: [(name: String, value: String)]
    public var outcome: Outcome
    /// What the test printed.
    public var output: String

    public init(
        name: String, seconds: Double? = nil, properties: [(name: String, value: String)] = [],
        outcome: Outcome = .passed(), output: String = ""
    ) {
        self.name = name
        self.seconds = seconds
        self.properties = properties
        self.outcome = outcome
        self.output = output
    }

    public static func == (one: JUnitCase, other: JUnitCase) -> Bool {
        one.name == other.name && one.seconds == other.seconds && one.outcome == other.outcome
            && one.output == other.output && one.properties.elementsEqual(other.properties, by: ==)
    }

    var isFailure: Bool {
        if case .wrong(let problem, _) = outcome { !problem.isError } else { false }
    }

    var isError: Bool {
        if case .wrong(let problem, _) = outcome { problem.isError } else { false }
    }

    var isSkipped: Bool {
        if case .skipped = outcome { true } else { false }
    }
}
