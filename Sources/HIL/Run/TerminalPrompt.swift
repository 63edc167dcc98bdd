import Foundation
import Glibc

/// Asks the person at the terminal, who presses Enter when it is done.
struct TerminalPrompt: Prompt {
    func ask(_ what: String) async throws {
        guard isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else {
            throw HILError.infrastructure("somebody has to \(what), and there is no terminal to ask at")
        }
        FileHandle.standardError.write(Data("Please \(what), then press Enter. ".utf8))
        // Only a line that is there is read, so that the step's limit holds.
        try await awaited(every: .milliseconds(50)) {
            var one = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            return poll(&one, 1, 0) > 0 ? () : nil
        }
        _ = readLine()
    }
}
