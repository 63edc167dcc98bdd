/// Who is told how a run goes on: a live view, or plain lines. Called from any thread, and never for long.
protocol ProgressFollower: Sendable {
    func on(_ progress: RunProgress)

    /// Whether a person reads here what is asked (``RunProgress/asks(_:)``).
    var showsQuestions: Bool { get }
}

extension ProgressFollower {
    var showsQuestions: Bool { false }
}
