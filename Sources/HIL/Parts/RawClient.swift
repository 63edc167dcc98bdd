import Foundation
import Glibc
import Synchronization
import UnitProtocol

/// A client of the runner's own at a unit: it sends bytes, and sees what comes and when the connection ends.
final class RawClient: Sendable {
    private struct State {
        var handle: Int32
        /// What has come and no step has taken.
        var bytes: [UInt8] = []
        /// Nil while the connection stands.
        var end: String?
        /// How many bytes have come in all.
        var received = 0
        /// How many of them were let go, as no step has taken what came before.
        var lost = 0
    }

    /// What is kept for steps.
    private static let mostBytes = 1024 * 1024
    private let state: Mutex<State>

    private init(handle: Int32) {
        state = Mutex(State(handle: handle))
    }

    deinit { close(with: .end) }

    /// - Throws: ``HILError/failed(_:)`` where the unit refuses, `CancellationError` where it does not answer in time.
    static func connect(to place: (address: IPv4Address, port: Int)) async throws -> RawClient {
        let handle = SocketAddress.socket()
        let client = RawClient(handle: handle)
        var yes: Int32 = 1
        setsockopt(handle, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = SocketAddress.make(place.address, place.port)
        if SocketAddress.with(&address, { Glibc.connect(handle, $0, $1) }) == 0 { return client }
        guard errno == EINPROGRESS else { throw refusal(place, errno) }
        let error: Int32 = try await awaited {
            var one = pollfd(fd: handle, events: Int16(POLLOUT), revents: 0)
            guard poll(&one, 1, 0) == 1 else { return nil }
            var error: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(handle, SOL_SOCKET, SO_ERROR, &error, &size)
            return error
        }
        guard error == 0 else { throw refusal(place, error) }
        return client
    }

    private static func refusal(_ place: (address: IPv4Address, port: Int), _ error: Int32) -> HILError {
        .failed("\(place.address):\(place.port) cannot be connected to: \(String(cString: strerror(error)))")
    }

    func send(_ text: String) async throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = state.withLock { state in
                rest.withUnsafeBytes { Glibc.send(state.handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN || errno == EINTR {
                try await Task.sleep(for: .milliseconds(10))
            } else {
                throw HILError.failed("the unit takes no bytes: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Takes what has come; what is more than is kept is counted and let go, so that the end is seen.
    private func receive(_ state: inout State) {
        guard state.end == nil else { return }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        // One that never stops sending holds nobody up.
        for _ in 0..<Self.mostBytes / buffer.count {
            let count = recv(state.handle, &buffer, buffer.count, 0)
            if count > 0 {
                // Behind a gap nothing is of use.
                let kept = state.lost > 0 ? 0 : min(count, Self.mostBytes - state.bytes.count)
                state.bytes += buffer[..<kept]
                state.received += count
                state.lost += count - kept
                continue
            }
            if count == 0 { state.end = "ended" }
            if count < 0, errno != EAGAIN, errno != EINTR { state.end = String(cString: strerror(errno)) }
            return
        }
    }

    /// The next lines that end with LF, as many as are wanted; nil as long as there are fewer. Those that are given are taken.
    ///
    /// - Throws: ``HILError/failed(_:)`` where the connection was over before, ``HILError/infrastructure(_:)`` where some of them may
    ///   be among what was let go.
    func lines(_ count: Int) throws -> [String]? {
        try state.withLock { state in
            receive(&state)
            let pieces = state.bytes.split(separator: 0x0A, maxSplits: count, omittingEmptySubsequences: false)
            guard pieces.count > count else {
                guard state.lost == 0 else {
                    throw HILError.infrastructure(
                        "more than \(Self.mostBytes) bytes have come that no step has taken; \(state.lost) of them were lost"
                    )
                }
                guard let end = state.end else { return nil }
                throw HILError.failed(
                    "the connection was over (\(end)) after \(max(0, pieces.count - 1)) of \(count) lines")
            }
            let lines = pieces.prefix(count).map { String(decoding: $0, as: UTF8.self) }
            state.bytes.removeFirst(pieces[count].startIndex)
            return lines
        }
    }

    /// How many bytes have come in all.
    func received() -> Int {
        state.withLock { state in
            receive(&state)
            return state.received
        }
    }

    /// The last of what has come and was not taken, 200 bytes at most.
    func newest(_ count: Int) -> String {
        state.withLock { String(decoding: $0.bytes.suffix(min(count, 200)), as: UTF8.self) }
    }

    /// Why the connection is over; nil while it stands.
    func end() -> String? {
        state.withLock { state in
            receive(&state)
            return state.end
        }
    }

    /// Whether the runner has closed it while the unit had not.
    var wasClosedByRunner: Bool { state.withLock { $0.end == Self.ownEnd } }

    private static let ownEnd = "closed by the runner"

    /// - Returns: False where it was closed before.
    @discardableResult func close(with closing: Step.Closing) -> Bool {
        state.withLock { state in
            guard state.handle >= 0 else { return false }
            // An end that the unit has made before is its own.
            receive(&state)
            if closing == .reset {
                var now = linger(l_onoff: 1, l_linger: 0)
                setsockopt(state.handle, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            }
            Glibc.close(state.handle)
            state.handle = -1
            state.end = state.end ?? Self.ownEnd
            return true
        }
    }
}
