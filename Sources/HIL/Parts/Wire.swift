import CEpoll
import Glibc
import UnitProtocol

/// One connection through a cable: bytes both ways, each with its end.
final class Wire {
    let number: Int
    /// Why it is over; nil while it is not.
    private(set) var ended: String?
    private var near: Int32
    private var far: Int32
    private var isConnecting: Bool
    private var toFar = Direction()
    private var toNear = Direction()
    /// The far end is gone without a word: what comes is swallowed.
    private var isForgotten = false
    /// What comes now is answered with a reset.
    private var answersWithReset = false
    /// It has been cut: that the near end has ended it meanwhile was not heard, and is not said again.
    private var wasDeaf = false

    private struct Direction {
        var bytes: [UInt8] = []
        var sourceHasEnded = false
        var endIsPassedOn = false

        var wantsMore: Bool { !sourceHasEnded && bytes.count < Wire.mostBytes }
    }

    fileprivate static let mostBytes = 65_536
    static let noPolls = [pollfd(fd: -1, events: 0, revents: 0), pollfd(fd: -1, events: 0, revents: 0)]

    init(number: Int, near: Int32, to place: (address: IPv4Address, port: Int)) {
        self.number = number
        self.near = near
        far = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var yes: Int32 = 1
        for handle in [near, far] {
            setsockopt(handle, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = SocketAddress.make(place.address, place.port)
        let handle = far
        isConnecting = SocketAddress.with(&address) { connect(handle, $0, $1) } != 0
        if isConnecting, errno != EINPROGRESS { cutOff("not reached: \(String(cString: strerror(errno)))") }
    }

    deinit { cutOff("end") }

    /// Two: the near end's and the far end's.
    var polls: [pollfd] {
        guard ended == nil else { return Self.noPolls }
        var (nearEvents, farEvents): (Int32, Int32) = (0, 0)
        if isForgotten || toFar.wantsMore { nearEvents |= POLLIN }
        if !toNear.bytes.isEmpty { nearEvents |= POLLOUT }
        if toNear.wantsMore { farEvents |= POLLIN }
        if isConnecting || !toFar.bytes.isEmpty { farEvents |= POLLOUT }
        // POLLHUP and POLLERR come unasked: an end that is done with, and has nothing to say, is left out.
        let nearRests = !isForgotten && toFar.sourceHasEnded && toNear.bytes.isEmpty
        let farRests = isForgotten || (toNear.sourceHasEnded && toFar.bytes.isEmpty)
        return [
            pollfd(fd: nearRests ? -1 : near, events: Int16(nearEvents), revents: 0),
            pollfd(fd: farRests ? -1 : far, events: Int16(farEvents), revents: 0),
        ]
    }

    func carry(near nearEvents: Int16, far farEvents: Int16) {
        guard ended == nil else { return }
        if isForgotten { return swallow(nearEvents) }
        if isConnecting, farEvents != 0 {
            var error: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(far, SOL_SOCKET, SO_ERROR, &error, &size)
            guard error == 0 else { return cutOff("not reached: \(String(cString: strerror(error)))") }
            isConnecting = false
        }
        if nearEvents != 0, !take(from: near, into: &toFar) { return cutOff("reset by the near end") }
        if farEvents != 0, !isConnecting, !take(from: far, into: &toNear) { return cutOff("reset by the far end") }
        guard isConnecting || give(&toFar, to: far), give(&toNear, to: near) else {
            return cutOff("reset in mid-write")
        }
        if toFar.endIsPassedOn, toNear.endIsPassedOn { finish("ended") }
    }

    /// - Returns: False where the connection was reset.
    private func take(from handle: Int32, into direction: inout Direction) -> Bool {
        guard direction.wantsMore else { return true }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(handle, &buffer, buffer.count, 0)
        if count > 0 {
            direction.bytes += buffer[..<count]
        } else if count == 0 {
            direction.sourceHasEnded = true
        } else if errno != EAGAIN, errno != EINTR {
            return false
        }
        return true
    }

    private func give(_ direction: inout Direction, to handle: Int32) -> Bool {
        if !direction.bytes.isEmpty {
            let count = direction.bytes.withUnsafeBytes { send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 { direction.bytes.removeFirst(count) }
            if count < 0, errno != EAGAIN, errno != EINTR { return false }
        }
        if direction.sourceHasEnded, direction.bytes.isEmpty, !direction.endIsPassedOn {
            shutdown(handle, Int32(SHUT_WR))
            direction.endIsPassedOn = true
        }
        return true
    }

    private func swallow(_ events: Int16) {
        guard events != 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(near, &buffer, buffer.count, 0)
        if count > 0, !answersWithReset { return }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        cutOff(count > 0 ? "reset: the far end knows nothing of it" : "ended while the far end was gone")
    }

    /// The far end hears that the connection is over, the near end nothing.
    func forget() {
        guard ended == nil, !isForgotten else { return }
        isForgotten = true
        Self.closeWithReset(far)
        far = -1
        toFar = Direction()
        toNear = Direction()
    }

    func answerWithReset() {
        if isForgotten { answersWithReset = true }
    }

    /// Whether the near end has it, and has not ended it; of one that was cut that is not known.
    var isHeld: Bool {
        guard ended == nil, !wasDeaf else { return false }
        var info = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(near, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else { return false }
        return info.tcpi_state == UInt8(TCP_ESTABLISHED)
    }

    func setDeaf(_ isDeaf: Bool) {
        wasDeaf = wasDeaf || isDeaf
        if near >= 0 { _ = cepoll_set_deaf(near, isDeaf ? 1 : 0) }
        if far >= 0 { _ = cepoll_set_deaf(far, isDeaf ? 1 : 0) }
    }

    /// Ends both with a reset.
    func cutOff(_ why: String) {
        guard ended == nil else { return }
        ended = why
        Self.closeWithReset(near)
        Self.closeWithReset(far)
        (near, far) = (-1, -1)
    }

    private func finish(_ why: String) {
        ended = why
        close(near)
        if far >= 0 { close(far) }
        (near, far) = (-1, -1)
    }

    private static func closeWithReset(_ handle: Int32) {
        guard handle >= 0 else { return }
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(handle, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close(handle)
    }
}
