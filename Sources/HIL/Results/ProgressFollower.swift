/// Who is told how a run goes on: a live view, or plain lines. Called from any thread, and never for long.
protocol ProgressFollower: Sendable {
    func on(_ progress: RunProgress)
}
