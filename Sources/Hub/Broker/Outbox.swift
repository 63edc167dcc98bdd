import Channels
import NIOCore
import Synchronization

/// What waits to be written to one connection.
///
/// At most ``limit`` bytes wait. Who reads more slowly than that is cut without a close frame, which it would not
/// read either.
final class Outbox: Sendable {
    /// One thing to write.
    enum Item: Equatable, Sendable {
        case text(String)
        case close(CloseCode, String)
    }

    /// In bytes of UTF-8, with ``overhead`` for each frame.
    static let limit = 1024 * 1024
    static let overhead = 64
    /// In bytes: see ``stream(_:)``.
    static let streamLimit = 64 * 1024
    /// How long a peer may take to read the close frame and to answer it.
    static let closingTime = TimeAmount.seconds(2)

    private struct State {
        var pendingBytes = 0
        var isClosed = false
    }

    /// Ends after a close.
    let items: AsyncStream<Item>
    private let continuation: AsyncStream<Item>.Continuation
    private let state = Mutex(State())
    private let hangUp: @Sendable (TimeAmount) -> Void

    /// - Parameter hangUp: Ends the connection after that time, whatever is written then.
    init(hangUp: @escaping @Sendable (TimeAmount) -> Void) {
        self.hangUp = hangUp
        // Bounded by the bytes that are counted here.
        (items, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// - Returns: False when that was too much and the connection is cut.
    func send(_ text: String) -> Bool {
        let size = text.utf8.count + Self.overhead
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.pendingBytes + size <= Self.limit else { return false }
            state.pendingBytes += size
            return true
        }
        if isTaken {
            continuation.yield(.text(text))
        } else {
            finish()
            hangUp(.zero)
        }
        return isTaken
    }

    /// Sends what is worth nothing when it comes late, unless more than ``streamLimit`` bytes wait already.
    func stream(_ text: String) {
        guard state.withLock({ $0.pendingBytes }) <= Self.streamLimit else { return }
        _ = send(text)
    }

    /// Sends what another client says, unless half of ``limit`` waits already: the other half is what the server says.
    ///
    /// - Returns: Whether it is sent.
    func pass(_ text: String) -> Bool {
        let size = text.utf8.count + Self.overhead
        guard state.withLock({ $0.pendingBytes + size <= Self.limit / 2 }) else { return false }
        return send(text)
    }

    /// Counts a text as written.
    func written(_ text: String) {
        state.withLock { $0.pendingBytes -= text.utf8.count + Self.overhead }
    }

    /// Says goodbye after all that waits.
    func close(_ code: CloseCode, _ reason: String) {
        continuation.yield(.close(code, reason))
        finish()
        hangUp(Self.closingTime)
    }

    /// Says goodbye to a client that is not taken, in the way that its version understands.
    func refuse(_ code: CloseCode, _ reason: String, protocolVersion: Int?) {
        if let protocolVersion, protocolVersion < ChannelsServer.firstVersionWithCloseCodes {
            _ = send(ChannelsServer.error(code, reason))
        }
        close(code, reason)
    }

    /// Takes nothing more.
    func finish() {
        state.withLock { $0.isClosed = true }
        continuation.finish()
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
}
