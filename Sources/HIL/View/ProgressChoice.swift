import Foundation
import Glibc

/// How a command tells what it does: as a picture on a terminal, as plain lines elsewhere.
enum ProgressChoice {
    /// - Parameter isPlain: Whether plain lines were asked for.
    static func follower(isPlain: Bool) -> any ProgressFollower {
        let environment = ProcessInfo.processInfo.environment
        guard !isPlain, isatty(STDOUT_FILENO) == 1, environment["TERM"] != "dumb" else { return PlainProgress() }
        return TerminalProgress(isColoured: (environment["NO_COLOR"] ?? "").isEmpty)
    }
}
