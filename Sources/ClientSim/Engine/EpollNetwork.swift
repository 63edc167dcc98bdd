import CEpoll
import Glibc
import UnitProtocol

/// Units on real sockets, all in one thread.
///
/// The kernel's queue of accepted connections stands for lwIP's pending clients: one is taken from it only when the
/// firmware asks. Descriptors: for each unit a listener, at most one connection, and at most one that has vanished.
struct EpollNetwork: UnitNetwork, ~Copyable {
    private struct Sockets {
        var listener: Int32 = -1
        var connection: Int32 = -1
        /// A connection that ended without a word: the kernel would send FIN if it were closed.
        var vanished: Int32 = -1
        /// Tells events of this connection from late ones of the connection before.
        var generation: UInt16 = 0
        var listens = false
        var isDeaf = false
    }

    /// What an event is about.
    enum Subject: Equatable {
        case client(unit: Int)
        case connection(unit: Int)
        case vanished(unit: Int)
    }

    /// Bytes that the kernel holds for a unit beyond what its firmware's window has taken.
    private static let kernelReceiveBytes: Int32 = 16 * 1024
    private static let largestRead = 4096

    let poller: EventPoller
    private var sockets: [Sockets]
    private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: largestRead)

    /// - Throws: ``FleetError/noPoller(reason:)``.
    init(units: Int, waker: EventWaker) throws {
        poller = try EventPoller(waker: waker)
        sockets = Array(repeating: Sockets(), count: units)
    }

    deinit {
        for socket in sockets {
            if socket.connection >= 0 { Glibc.close(socket.connection) }
            if socket.listener >= 0 { Glibc.close(socket.listener) }
            if socket.vanished >= 0 { Glibc.close(socket.vanished) }
        }
        buffer.deallocate()
    }

    /// What an event is about; nil when that is over.
    func subject(of event: EventPoller.Event) -> Subject? {
        let unit = Int(event.token >> 32)
        if event.token & 3 == 0 { return .client(unit: unit) }
        if event.token & 3 == 2 { return .vanished(unit: unit) }
        guard sockets[unit].connection >= 0, event.token == token(ofConnection: unit) else { return nil }
        return .connection(unit: unit)
    }

    private func token(ofConnection unit: Int) -> UInt64 {
        UInt64(unit) << 32 | UInt64(sockets[unit].generation) << 2 | 1
    }

    mutating func open(_ unit: Int, _ plan: UnitPlan) throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw FleetError(errno: errno, plan: plan) }
        do {
            try bind(listener, plan)
            sockets[unit].listener = listener
            return try port(of: listener, plan)
        } catch {
            Glibc.close(listener)
            throw error
        }
    }

    private func bind(_ listener: Int32, _ plan: UnitPlan) throws(FleetError) {
        // Accepted connections have these from their listener.
        set(listener, SOL_SOCKET, SO_REUSEADDR, 1)
        set(listener, SOL_SOCKET, SO_RCVBUF, Self.kernelReceiveBytes)
        set(listener, SOL_SOCKET, SO_SNDBUF, Int32(plan.profile.sendBufferBytes))
        set(listener, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(plan.port).bigEndian
        address.sin_addr.s_addr = plan.address.bits.bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw FleetError(errno: errno, plan: plan) }
    }

    private func port(of listener: Int32, _ plan: UnitPlan) throws -> Int {
        guard plan.port == 0 else { return plan.port }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        guard result == 0 else { throw FleetError(errno: errno, plan: plan) }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    private func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    mutating func listen(_ unit: Int, _ plan: UnitPlan) throws {
        if sockets[unit].listener < 0 { _ = try open(unit, plan) }
        guard !sockets[unit].listens else { return }
        if sockets[unit].isDeaf { cepoll_set_deaf(sockets[unit].listener, 1) }
        // Linux queues one connection more than the backlog says, and leaves SYNs beyond unanswered, as lwIP does.
        guard Glibc.listen(sockets[unit].listener, Int32(plan.profile.waitingClients - 1)) == 0 else {
            throw FleetError(errno: errno, plan: plan)
        }
        sockets[unit].listens = true
        poller.add(sockets[unit].listener, .onceReadable, token: UInt64(unit) << 32)
    }

    mutating func stopListening(_ unit: Int) {
        guard sockets[unit].listener >= 0 else { return }
        Glibc.close(sockets[unit].listener)
        sockets[unit].listener = -1
        sockets[unit].listens = false
    }

    mutating func awaitClient(_ unit: Int) {
        guard sockets[unit].listens else { return }
        poller.change(sockets[unit].listener, .onceReadable, token: UInt64(unit) << 32)
    }

    mutating func accept(_ unit: Int) -> Accepted {
        guard sockets[unit].connection < 0, sockets[unit].listener >= 0 else { return .none }
        let connection = cepoll_accept(sockets[unit].listener)
        guard connection >= 0 else {
            switch errno {
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .failed(errno)
            default: return .none
            }
        }
        sockets[unit].connection = connection
        if sockets[unit].isDeaf { cepoll_set_deaf(connection, 1) }
        sockets[unit].generation &+= 1
        poller.add(connection, .readable, token: token(ofConnection: unit))
        return .client
    }

    mutating func receive(_ unit: Int, atMost room: Int) -> Received {
        let descriptor = sockets[unit].connection
        let count = recv(descriptor, buffer.baseAddress, min(room, Self.largestRead), 0)
        if count > 0 { return .bytes(Array(buffer.prefix(count))) }
        if count == 0 { return .end }
        return errno == EAGAIN || errno == EINTR ? .nothing : .reset
    }

    mutating func send(_ unit: Int, _ bytes: ArraySlice<UInt8>) -> Int {
        let descriptor = sockets[unit].connection
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count < bytes.count { poller.change(descriptor, .readableAndWritable, token: token(ofConnection: unit)) }
        // What else is wrong with the connection is told as an event of it.
        return max(0, count)
    }

    mutating func end(_ unit: Int, _ ending: Ending) {
        let descriptor = sockets[unit].connection
        guard descriptor >= 0 else { return }
        sockets[unit].connection = -1
        switch ending {
        case .close: Glibc.close(descriptor)
        case .reset: reset(descriptor)
        case .vanish:
            cepoll_set_deaf(descriptor, 1)
            poller.remove(descriptor)
            resetVanished(unit)
            sockets[unit].vanished = descriptor
        }
    }

    private func reset(_ descriptor: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        Glibc.close(descriptor)
    }

    mutating func setDeaf(_ unit: Int, _ isDeaf: Bool) {
        guard sockets[unit].isDeaf != isDeaf else { return }
        sockets[unit].isDeaf = isDeaf
        if sockets[unit].listener >= 0 { cepoll_set_deaf(sockets[unit].listener, isDeaf ? 1 : 0) }
        if sockets[unit].connection >= 0 { cepoll_set_deaf(sockets[unit].connection, isDeaf ? 1 : 0) }
    }

    mutating func answerVanished(_ unit: Int) {
        let descriptor = sockets[unit].vanished
        guard descriptor >= 0 else { return }
        cepoll_set_deaf(descriptor, 0)
        poller.add(descriptor, .readable, token: UInt64(unit) << 32 | 2)
    }

    /// Resets a connection that has vanished, of which something has come.
    mutating func resetVanished(_ unit: Int) {
        guard sockets[unit].vanished >= 0 else { return }
        reset(sockets[unit].vanished)
        sockets[unit].vanished = -1
    }
}
