import Foundation
import SerialPort
import Synchronization

/// A board's serial port that is listened to all the time; one thread uses it, and does what others ask for between two reads.
final class SerialConsole: Sendable {
    private typealias Work = @Sendable (any SerialPort) throws(SerialError) -> Void

    private struct Order: Sendable {
        let work: @Sendable (any SerialPort) throws(SerialError) -> Void
        let done: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var orders: [Order] = []
        /// Why the port is not used any more.
        var end: String?
        var isEnding = false
        var whenEnded: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private static let readPause = Duration.milliseconds(20)

    private init() {}

    /// - Parameters:
    ///   - releasesReset: Whether DTR and RTS are let go, so that the board runs.
    ///   - line: Is told each line, without its end.
    ///   - trouble: Is told why the port is of no use any more.
    /// - Throws: ``HILError/infrastructure(_:)`` where the port cannot be opened.
    static func open(
        _ name: String, baud: Int, releasesReset: Bool, line: @escaping @Sendable (String) -> Void,
        trouble: @escaping @Sendable (String) -> Void
    ) async throws -> SerialConsole {
        let console = SerialConsole()
        let failure: String? = await withCheckedContinuation { opened in
            Thread.detachNewThread {
                do throws(SerialError) {
                    let port = try SerialAddress(name).open(baud: baud)
                    if releasesReset { try port.set(dtr: false, rts: false) }
                    opened.resume(returning: nil)
                    console.listen(port, line, trouble)
                } catch {
                    opened.resume(returning: "\(error)")
                }
            }
        }
        if let failure { throw HILError.infrastructure(failure) }
        return console
    }

    /// Why the port is of no use any more; nil while it is of use.
    var trouble: String? { state.withLock(\.end) }

    /// Has the port's thread do something.
    ///
    /// - Throws: ``HILError/infrastructure(_:)`` where the port is gone.
    func perform(_ work: @escaping @Sendable (any SerialPort) throws(SerialError) -> Void) async throws {
        try await withCheckedThrowingContinuation { done in
            let end = state.withLock { state in
                if state.end == nil { state.orders.append(Order(work: work, done: done)) }
                return state.end
            }
            if let end { done.resume(throwing: HILError.infrastructure(end)) }
        }
    }

    /// Lets the port go; returns when it is closed.
    func end() async {
        await withCheckedContinuation { done in
            let isOver = state.withLock { state in
                state.isEnding = true
                if state.end == nil { state.whenEnded.append(done) }
                return state.end != nil
            }
            if isOver { done.resume() }
        }
    }

    private func listen(
        _ port: any SerialPort, _ line: (String) -> Void, _ trouble: (String) -> Void
    ) {
        var cutter = ConsoleLines()
        var end = "the port was closed"
        do throws(SerialError) {
            while !state.withLock(\.isEnding) {
                for order in take() {
                    do throws(SerialError) {
                        try order.work(port)
                        order.done.resume()
                    } catch {
                        order.done.resume(throwing: HILError.infrastructure("\(error)"))
                    }
                }
                for text in cutter.lines(after: try port.read(within: Self.readPause)) { line(text) }
            }
        } catch {
            end = "\(error)"
            trouble(end)
        }
        if let rest = cutter.rest { line(rest) }
        port.close()
        let (orders, waiting) = state.withLock { state in
            state.end = end
            defer { (state.orders, state.whenEnded) = ([], []) }
            return (state.orders, state.whenEnded)
        }
        for order in orders { order.done.resume(throwing: HILError.infrastructure(end)) }
        for one in waiting { one.resume() }
    }

    private func take() -> [Order] {
        state.withLock { state in
            defer { state.orders = [] }
            return state.orders
        }
    }
}
