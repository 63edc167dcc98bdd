import ArgumentParser

/// Where the units' serial consoles are to be seen.
struct ConsoleOptions: ParsableArguments {
    @Option(help: "Where console text goes: stdout (one line each, after the unit's name) or none.")
    var console: Console?

    @Option(help: "Append console text to a file a unit in this folder; past 1 MiB, NAME.log becomes NAME.log.1.")
    var consoleDir: String?

    enum Console: String, ExpressibleByArgument, CaseIterable {
        case stdout
        case none
    }

    func validate() throws {
        if console != nil, consoleDir != nil {
            throw ValidationError("give either --console or --console-dir")
        }
    }

    /// - Parameter usual: What holds without an option.
    func destination(usual: Console = .stdout) -> ConsoleDestination {
        if let consoleDir { return .directory(consoleDir) }
        return switch console ?? usual {
        case .stdout: .standardOutput
        case .none: .none
        }
    }
}
