import Glibc

/// A timer of the kernel that ends this process with SIGKILL.
///
/// A process that is stopped, swapped out or starved cannot drop its connections, and the kernel keeps them open; but the
/// kernel's timer comes, and SIGKILL ends a stopped process too.
final class KernelDeadline: Sendable {
    /// What `timer_create` gave: a number in the guise of a pointer.
    private let timer: UInt

    /// Disarmed at first.
    ///
    /// - Throws: ``LeaseError/noKernelTimer(_:)``.
    init() throws(LeaseError) {
        var event = sigevent()
        event.sigev_notify = Int32(SIGEV_SIGNAL)
        event.sigev_signo = SIGKILL
        var timer: timer_t?
        guard timer_create(CLOCK_BOOTTIME, &event, &timer) == 0 else { throw .noKernelTimer(errno) }
        self.timer = UInt(bitPattern: timer)
    }

    deinit {
        timer_delete(timer_t(bitPattern: timer))
    }

    /// - Parameter moment: On the clock of ``BootClock``; one that has passed ends the process now.
    func arm(_ moment: Duration) {
        let (seconds, attoseconds) = moment.components
        // Nought would disarm it.
        set(timespec(tv_sec: Int(seconds), tv_nsec: max(1, Int(attoseconds / 1_000_000_000))))
    }

    func disarm() {
        set(timespec())
    }

    private func set(_ moment: timespec) {
        var value = itimerspec(it_interval: timespec(), it_value: moment)
        timer_settime(timer_t(bitPattern: timer), TIMER_ABSTIME, &value, nil)
    }
}
