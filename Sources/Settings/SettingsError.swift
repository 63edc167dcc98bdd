/// All that is wrong with a configuration, found in one reading.
public struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    public var problems: [SettingsProblem]
    /// The file that was read, where there is one.
    public var file: String?

    public init(problems: [SettingsProblem], file: String? = nil) {
        self.problems = problems
        self.file = file
    }

    /// One line a problem, each with the file's name before it.
    public var description: String {
        problems.map { problem in file.map { "\($0): \(problem)" } ?? "\(problem)" }.joined(separator: "\n")
    }

    /// Runs `body`; what it finds wrong is wrong in `file`.
    public static func naming<Value>(_ file: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch var error as SettingsError {
            error.file = file
            throw error
        }
    }
}
