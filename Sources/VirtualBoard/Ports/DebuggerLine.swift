import Logging
import NIOCore

/// Who may debug a board: one at a time.
///
/// Who comes while another one is there waits a moment, as that one may be about to go: connections that were ended long ago are
/// only found to be so one after the other. Then it is refused, with a word in the log.
final class DebuggerLine {
    private var current: DebuggerConnection?
    private var waiting: [(connection: DebuggerConnection, limit: Scheduled<Void>)] = []
    private let loop: any EventLoop
    private let logger: Logger
    private static let patience = TimeAmount.milliseconds(500)
    /// The most that wait. Of more the first ones go: they are the ones most likely to be gone themselves.
    private static let mostWaiting = 8

    init(loop: any EventLoop, logger: Logger) {
        self.loop = loop
        self.logger = logger
    }

    func arrive(_ connection: DebuggerConnection) {
        guard current != nil else { return admit(connection) }
        if waiting.count >= Self.mostWaiting, let first = waiting.first?.connection { refuse(first) }
        let isolated = NIOLoopBound((self, connection), eventLoop: loop)
        let limit = loop.scheduleTask(in: Self.patience) {
            let (line, connection) = isolated.value
            line.refuse(connection)
        }
        waiting.append((connection, limit))
    }

    func leave(_ connection: DebuggerConnection) {
        if let index = waiting.firstIndex(where: { $0.connection === connection }) {
            waiting.remove(at: index).limit.cancel()
        }
        guard current === connection else { return }
        current = nil
        logger.notice("board.debugger-gone", metadata: ["from": "\(connection.address)"])
        guard !waiting.isEmpty else { return }
        let next = waiting.removeFirst()
        next.limit.cancel()
        admit(next.connection)
    }

    /// The board listens no more.
    func close() {
        for (connection, limit) in waiting {
            limit.cancel()
            connection.close()
        }
        waiting = []
        current?.close()
    }

    private func admit(_ connection: DebuggerConnection) {
        current = connection
        logger.notice("board.debugger-attached", metadata: ["from": "\(connection.address)"])
        connection.admit()
    }

    private func refuse(_ connection: DebuggerConnection) {
        guard let index = waiting.firstIndex(where: { $0.connection === connection }) else { return }
        waiting.remove(at: index).limit.cancel()
        logger.warning(
            "board.debugger-refused",
            metadata: ["from": "\(connection.address)", "reason": "another debugger is connected"])
        connection.close()
    }
}
