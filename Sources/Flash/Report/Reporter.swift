/// Tells a person or a script what happens. Called from the boards' threads.
protocol Reporter: Sendable {
    /// Whether events go to stdout, so that nothing else may.
    var takesStdout: Bool { get }
    /// - Parameter port: The board's; nil for what ends a command before a board was looked for.
    func take(_ event: FlashEvent, of port: String?)
    /// Called once, at the end.
    ///
    /// - Throws: ``FlashError/outputFile(path:reason:)`` when a script did not get all that it was to get.
    func finish() throws(FlashError)
}

extension Reporter {
    var takesStdout: Bool { false }
    func finish() {}
}

/// One board's way to its reporter; remembers the phase that is under way.
struct BoardReport {
    let port: String
    let reporter: any Reporter
    /// Whether there are other boards at the same time, so that what is said needs its port.
    let isOneOfSeveral: Bool

    func callAsFunction(_ event: FlashEvent) {
        reporter.take(event, of: port)
    }

    /// Tells a value that was asked for: as an event where stdout is for events, or as a line on stdout.
    ///
    /// - Throws: ``FlashError/outputFile(path:reason:)``.
    func value(_ what: String, _ value: String) throws(FlashError) {
        self(.value(what, value))
        guard !reporter.takesStdout else { return }
        try OutputFile.write(Array("\(isOneOfSeveral ? "\(port): " : "")\(value)\n".utf8), to: "-")
    }

    /// Reports a phase with its begin, its progress and its end.
    func phase<Value>(
        _ phase: FlashEvent.Phase, _ what: String, total: Int,
        _ body: ((Int) -> Void) throws(FlashError) -> Value
    ) throws(FlashError) -> Value {
        let began = ContinuousClock.now
        self(.began(phase, what: what, total: total))
        let value = try body { self(.progress($0)) }
        self(.ended(phase, bytes: total, time: ContinuousClock.now - began))
        return value
    }
}
