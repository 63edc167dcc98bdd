import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Runs one board on a pseudo terminal until the graceful shutdown.
struct BoardService: Service {
    let chip: Chip
    /// Where a symbolic link to the terminal is kept.
    let link: String?
    let logger: Logger
    /// Told the port's path once, when the board listens.
    let onReady: @Sendable (String) -> Void

    func run() async throws {
        let terminal = try PseudoTerminal()
        if let link { try Self.replaceLink(link, with: terminal.path) }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let channel = try await loop.flatSubmit { [chip, logger] in
            let board = Board(chip: chip, loop: loop) { hasImage in
                logger.notice(
                    "board.started",
                    metadata: ["image": "\(hasImage ? "found" : "none")", "note": "nothing executes it"])
            }
            return PseudoTerminalPort.join(board, to: terminal, loop: loop)
        }.get()
        onReady(link ?? terminal.path)
        try? await gracefulShutdown()
        try? await channel.close()
        if let link { try? FileManager.default.removeItem(atPath: link) }
    }

    /// Only a link is replaced: a file of that name is somebody's.
    private static func replaceLink(_ link: String, with path: String) throws {
        let manager = FileManager.default
        if (try? manager.destinationOfSymbolicLink(atPath: link)) != nil {
            try? manager.removeItem(atPath: link)
        }
        do {
            try manager.createSymbolicLink(atPath: link, withDestinationPath: path)
        } catch {
            throw BoardError.link(path: link, reason: error.localizedDescription)
        }
    }
}
