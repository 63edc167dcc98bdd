import CEpoll
import Foundation
import Glibc
import Synchronization
import UnitProtocol

/// What lies between two parts: a relay of TCP connections that can be cut, without privileges and on every rig alike.
///
/// One thread does all; others leave an order and wake it. What is cut is cut below TCP, as with a pulled plug: a socket filter
/// drops the segments, so that nothing is acknowledged and nobody hears an end.
final class Cable: Sendable {
    enum Mode: String, Sendable, CaseIterable {
        case restored
        /// Nothing gets through, and nobody is told.
        case cut
        /// The connections that stand are forgotten by the far end, and the near end hears nothing of it; new ones get through.
        case halfOpen = "half-open"
        /// Connections end with a reset, and new ones are refused.
        case refused
        /// Connections end with a reset, once; new ones get through.
        case reset

        static let words = allCases.map(\.rawValue).joined(separator: ", ")
    }

    let address: IPv4Address
    let port: Int
    /// Of each connection that the near end has made, in order: how many it held then, with this one. Times are since the cable's
    /// start.
    let connections = Heard<Int>()
    private let orders = Mutex<(waiting: [Order], isOver: Bool)>(([], false))
    private let wake: Int32

    private struct Order: Sendable {
        enum What {
            case mode(Mode)
            /// The far end has lost its power, or has it again.
            case power(Bool)
            case end
        }

        let what: What
        let done: CheckedContinuation<Void, any Error>
    }

    /// Listens at once.
    ///
    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - tell: Is told of connections and of what becomes of them, on the cable's thread.
    /// - Throws: ``HILError/infrastructure(_:)``.
    init(
        at address: IPv4Address, port: Int, to far: (address: IPv4Address, port: Int),
        tell: @escaping @Sendable (String) -> Void
    ) throws {
        self.address = address
        let (listener, port) = try Self.listen(address, port)
        self.port = port
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        let (began, connections) = (ContinuousClock.now, connections)
        let relay = Relay(
            listener: listener, wake: wake, near: (address, port), far: far, tell: tell,
            count: { connections.append($0, at: ContinuousClock.now - began) })
        let work = UncheckedRelay(relay: relay)
        Thread.detachNewThread { [self] in
            var ending: [Order] = []
            while ending.isEmpty {
                work.relay.turn(limit: 1000)
                ending = drain(into: work.relay)
            }
            work.relay.end()
            for order in ending + take(isLast: true) { order.done.resume() }
        }
    }

    deinit { close(wake) }

    /// - Throws: ``HILError/infrastructure(_:)`` where nobody can listen any more at the address that was refused.
    func set(_ mode: Mode) async throws { try await give(.mode(mode)) }

    func farEnd(hasPower: Bool) async { try? await give(.power(hasPower)) }

    func end() async { try? await give(.end) }

    /// Returns when it is done; only a mode can fail.
    private func give(_ what: Order.What) async throws {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            let isOver = orders.withLock { orders in
                if !orders.isOver { orders.waiting.append(Order(what: what, done: done)) }
                return orders.isOver
            }
            if isOver { return done.resume() }
            var one: UInt64 = 1
            _ = write(wake, &one, 8)
        }
    }

    /// - Returns: The orders to end, which are done when all is closed.
    private func drain(into relay: Relay) -> [Order] {
        take().filter { order in
            switch order.what {
            case .mode(let mode):
                order.done.resume(with: Result { try relay.set(mode) })
                return false
            case .power(let isOn): relay.farEnd(hasPower: isOn)
            case .end: return true
            }
            order.done.resume()
            return false
        }
    }

    private func take(isLast: Bool = false) -> [Order] {
        orders.withLock { orders in
            defer { orders = ([], orders.isOver || isLast) }
            return orders.waiting
        }
    }

    /// Crosses to the cable's thread once, and is used there alone.
    private struct UncheckedRelay: @unchecked Sendable {
        let relay: Relay
    }

    static func listen(_ address: IPv4Address, _ port: Int) throws -> (handle: Int32, port: Int) {
        let handle = SocketAddress.socket()
        var yes: Int32 = 1
        setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var place = SocketAddress.make(address, port)
        guard SocketAddress.with(&place, { Glibc.bind(handle, $0, $1) }) == 0, Glibc.listen(handle, 128) == 0 else {
            let reason = String(cString: strerror(errno))
            close(handle)
            throw HILError.infrastructure("cannot listen on \(address):\(port): \(reason)")
        }
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &place) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(handle, $0, &size) }
        }
        return (handle, Int(in_port_t(bigEndian: place.sin_port)))
    }
}
