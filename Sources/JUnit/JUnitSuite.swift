/// Tests that belong together.
public struct JUnitSuite: Equatable, Sendable {
    public var name: String
    /// When it began, in ISO 8601 without a zone; nil: not known.
    public var timestamp: String?
    public var seconds: Double
    public var cases: [JUnitCase]

    public init(name: String, timestamp: String? = nil, seconds: Double, cases: [JUnitCase]) {
        self.name = name
        self.timestamp = timestamp
        self.seconds = seconds
        self.cases = cases
    }
}
