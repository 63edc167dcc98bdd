import Foundation
import Glibc
import Synchronization

/// Asks the person at the terminal, who presses Enter when it is done; one question at a time.
///
/// A view that paints over the terminal shows the question itself; else it stands on stderr.
final class TerminalPrompt: Prompt {
    private let follower: any ProgressFollower
    /// The terminal's two ends.
    private let input: Int32
    private let output: Int32
    private let isAsking = Mutex(false)

    init(follower: any ProgressFollower, input: Int32 = STDIN_FILENO, output: Int32 = STDERR_FILENO) {
        self.follower = follower
        self.input = input
        self.output = output
    }

    func ask(_ what: String) async throws {
        guard isatty(input) != 0, isatty(output) != 0 else {
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
        // An Enter that was pressed before the question answers another one.
        tcflush(input, TCIFLUSH)
        let question = "Please \(what), then press Enter. "
        if !follower.showsQuestions { FileHandle(fileDescriptor: output).write(Data(question.utf8)) }
        follower.on(.asks(question))
        // Only a line that is there is read, so that the step's limit holds.
        try await awaited(every: .milliseconds(50)) {
            var one = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            return poll(&one, 1, 0) > 0 ? () : nil
        }
        var line = [UInt8](repeating: 0, count: 4096)
        guard read(input, &line, line.count) > 0 else {
            throw HILError.infrastructure(
                "somebody has to \(what), and nobody is there: the terminal's input is at its end")
        }
        isAnswered = true
    }
}
