import CEpoll
import Glibc

/// The kernel's list of sockets to watch: epoll(7), and an eventfd by which other threads wake the one that waits.
final class EventPoller {
    /// What a socket is ready for, and the number that it was added with.
    struct Event {
        var token: UInt64
        private let bits: UInt32

        fileprivate init(_ event: epoll_event) {
            token = event.data.u64
            bits = event.events
        }

        var isReadable: Bool { bits & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 }
        var isWritable: Bool { bits & EPOLLOUT.rawValue != 0 }
        var isBroken: Bool { bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 }
    }

    /// How a socket is watched.
    enum Watch {
        /// Told once, then no more until it is watched again.
        case onceReadable
        /// Told each time that something arrives or ends.
        case readable
        /// The same, and when there is room to write again.
        case readableAndWritable

        fileprivate var bits: UInt32 {
            switch self {
            case .onceReadable: EPOLLIN.rawValue | EPOLLONESHOT.rawValue
            case .readable: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
            case .readableAndWritable:
                EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
            }
        }
    }

    private static let wakeToken = UInt64.max
    private static let mostEvents = 512
    private let poll: Int32
    private let buffer = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: mostEvents)
    private let waker: EventWaker

    /// - Parameter waker: Ends a wait from another thread.
    /// - Throws: ``FleetError/noPoller(reason:)``.
    init(waker: EventWaker) throws {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        self.waker = waker
        guard poll >= 0, waker.descriptor >= 0 else {
            throw FleetError.noPoller(reason: String(cString: strerror(errno)))
        }
        add(waker.descriptor, .readable, token: Self.wakeToken)
    }

    deinit {
        close(poll)
        buffer.deallocate()
    }

    func add(_ descriptor: Int32, _ watch: Watch, token: UInt64) {
        control(Int32(EPOLL_CTL_ADD), descriptor, watch, token)
    }

    func change(_ descriptor: Int32, _ watch: Watch, token: UInt64) {
        control(Int32(EPOLL_CTL_MOD), descriptor, watch, token)
    }

    /// Only for a socket that stays open: closing one ends its watch.
    func remove(_ descriptor: Int32) {
        control(Int32(EPOLL_CTL_DEL), descriptor, .readable, 0)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ watch: Watch, _ token: UInt64) {
        var event = epoll_event(events: watch.bits, data: epoll_data_t(u64: token))
        epoll_ctl(poll, operation, descriptor, &event)
    }

    /// Waits for events, at most so many milliseconds; nil is for ever.
    ///
    /// - Returns: How many there are, for the subscript.
    func wait(milliseconds: Int?) -> Int {
        let limit = Int32(clamping: milliseconds ?? -1)
        return max(0, Int(epoll_wait(poll, buffer.baseAddress, Int32(Self.mostEvents), limit)))
    }

    /// An event of the last wait; nil where it was only to wake this thread.
    subscript(index: Int) -> Event? {
        let event = Event(buffer[index])
        guard event.token == Self.wakeToken else { return event }
        waker.clear()
        return nil
    }
}

/// Wakes a thread that waits for events.
final class EventWaker: Sendable {
    fileprivate let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))

    deinit { close(descriptor) }

    func wake() { eventfd_write(descriptor, 1) }

    fileprivate func clear() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
