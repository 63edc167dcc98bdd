import Foundation
import Glibc
import Synchronization

/// Asks the person at the terminal, who presses Enter when it is done; one question at a time.
///
/// A view that paints over the terminal shows the question itself; else it stands on stderr.
final class TerminalPrompt: Prompt {
    private let follower: any ProgressFollower
    private let isAsking = Mutex(false)

    init(follower: any ProgressFollower) { self.follower = follower }

    func ask(_ what: String) async throws {
        guard isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else {
            throw HILError.infrastructure("somebody has to \(what), and there is no terminal to ask at")
        }
        try await awaited(every: .milliseconds(50)) {
            isAsking.withLock { isAsking in
                defer { isAsking = true }
                return isAsking ? nil : ()
            }
        }
        var isAnswered = false
        defer {
            follower.on(.answered(inTime: isAnswered))
            isAsking.withLock { $0 = false }
        }
        let question = "Please \(what), then press Enter. "
        if !follower.showsQuestions { FileHandle.standardError.write(Data(question.utf8)) }
        follower.on(.asks(question))
        // Only a line that is there is read, so that the step's limit holds.
        try await awaited(every: .milliseconds(50)) {
            var one = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            return poll(&one, 1, 0) > 0 ? () : nil
        }
        isAnswered = readLine() != nil
    }
}
