import Foundation
import TerminalText

/// Why a board is not to be had.
package enum BoardLockError: Error, Equatable, Sendable, CustomStringConvertible {
    /// - Parameter isOverdue: Whether the holder said that it would be done by now; its process still runs.
    case held(board: String, by: BoardHolder?, isOverdue: Bool)
    case noFolder(path: String, reason: String)
    case cannotLock(board: String, path: String, reason: String)

    /// Whether the board may be free some time.
    var isOfAnotherRun: Bool {
        if case .held = self { true } else { false }
    }

    package var description: String {
        switch self {
        case .held(let board, nil, _):
            "the board \(board.printable) is held by another run, which has not said which one; try again when it has ended"
        case .held(let board, let holder?, false):
            "the board \(board.printable) is held by \(holder), until \(holder.until.formatted(.iso8601)) at the latest as it "
                + "says; wait for its end, or ask \(holder.user.printable)"
        case .held(let board, let holder?, true):
            "the board \(board.printable) is held by \(holder), although it said that it would be done by "
                + "\(holder.until.formatted(.iso8601)); its process still runs, so the board is not taken from it: look what "
                + "process \(holder.pid) does and end it, then run again"
        case .noFolder(let path, let reason):
            "the folder of locks \(path.printable) cannot be used: \(reason); name another one (--lock-folder)"
        case .cannotLock(let board, let path, let reason):
            "the board \(board.printable) cannot be locked by \(path.printable): \(reason); name another folder (--lock-folder)"
        }
    }
}
