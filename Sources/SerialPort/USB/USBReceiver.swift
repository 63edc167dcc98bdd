import CLibUSB
import Foundation

/// Takes what an adapter sends: several transfers are in flight, and a thread of its own serves them, so that no byte
/// waits in the chip for a reader. Where the reader pauses for long, the transfers do too.
///
/// What both threads use is in ``state``; the rest does not change between ``start()`` and the end of the thread.
final class USBReceiver: @unchecked Sendable {
    private struct State: Sendable {
        var received: [UInt8] = []
        var failure: SerialError.Reason?
        var inFlight = 0
        var isClosing = false
        /// Whether no thread serves transfers.
        var hasEnded = true
        /// Transfers that are not in flight and wait to be, by their numbers.
        var idle: [Int] = []
        /// Whether one has failed on the wire: all come back then, and the endpoint is made to go on.
        var isRecovering = false
        /// How often in a row that was needed.
        var failuresInRow = 0
    }

    private let name: String
    private let handle: USBDeviceHandle
    private let driver: any USBSerialDriver
    private let context: OpaquePointer
    private let state = SharedState(State())
    private var transfers: [UnsafeMutablePointer<libusb_transfer>] = []
    private var buffers: [UnsafeMutablePointer<UInt8>] = []

    private static let transferCount = 8
    /// Bytes that may wait for a reader, 90 seconds at 115200 baud. More waits in the chip, which drops what it has no room
    /// for.
    private static let receivedLimit = 1 << 20
    /// A cable that is bad answers wrong a few times; one that is being pulled out no more at all.
    private static let failureLimit = 10
    /// Microseconds between a failure and the next try: the hub notices meanwhile that a device is gone.
    private static let recoveryPause: UInt32 = 20_000
    private static let stall = SerialError.Reason.other(operation: "USB read", errno: EPIPE)
    /// How long cancelled transfers may take to come back; the kernel's do so at once.
    private static let closingLimit = Duration.seconds(2)

    init(_ handle: USBDeviceHandle, name: String, driver: any USBSerialDriver, context: USBContext) {
        self.name = name
        self.handle = handle
        self.driver = driver
        self.context = context.pointer
    }

    /// Puts the transfers in flight and starts the thread.
    ///
    /// Whether it has come about, ``check()`` says; ``close()`` must be called in either case.
    func start() {
        let packet = handle.endpoints.inputPacketSize
        let size = max(packet, driver.transferSize / packet * packet)
        for _ in 0..<Self.transferCount {
            guard let transfer = libusb_alloc_transfer(0) else { break }
            let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
            transfers.append(transfer)
            buffers.append(buffer)
            libusb_fill_bulk_transfer(
                transfer, handle.pointer, handle.endpoints.input, buffer, Int32(size),
                { transfer in
                    guard let transfer, let receiver = transfer.pointee.user_data else { return }
                    Unmanaged<USBReceiver>.fromOpaque(receiver).takeUnretainedValue().take(transfer)
                }, Unmanaged.passUnretained(self).toOpaque(), 0)
        }
        state.withLock { state in
            state.hasEnded = false
            state.idle = Array(transfers.indices)
            submitIdle(&state)
        }
        // The thread keeps this object until it ends.
        Thread.detachNewThread { self.serve() }
    }

    /// At least one byte, or nothing when the time has passed. What has come before a failure is handed out first.
    func read(until deadline: ContinuousClock.Instant) throws(SerialError) -> [UInt8] {
        let found: Result<[UInt8], SerialError>? = state.wait(until: deadline) { state in
            if !state.received.isEmpty {
                defer { drop(&state) }
                return .success(state.received)
            }
            return state.failure.map { .failure(SerialError(name, $0)) }
        }
        return try found?.get() ?? []
    }

    /// - Throws: What has ended the transfers.
    func check() throws(SerialError) {
        if let failure = state.withLock({ $0.failure }) { throw SerialError(name, failure) }
    }

    /// Whether the endpoint refuses until it is told to go on.
    var hasStalled: Bool { state.withLock { $0.failure == Self.stall } }

    func discard() {
        state.withLock(drop)
    }

    /// Makes room, for transfers too that have waited for it.
    private func drop(_ state: inout State) {
        state.received = []
        submitIdle(&state)
    }

    /// Cancels the transfers and waits for them and for the thread.
    ///
    /// - Returns: False where libusb has not given all of them back in time. They and the handle must then stay as they
    ///   are, as libusb may still write to them.
    func close() -> Bool {
        state.withLock { $0.isClosing = true }
        for transfer in transfers { libusb_cancel_transfer(transfer) }
        libusb_interrupt_event_handler(context)
        let hasEnded = state.wait(until: .now + Self.closingLimit) { $0.hasEnded ? true : nil } ?? false
        guard hasEnded else { return false }
        for transfer in transfers { libusb_free_transfer(transfer) }
        for buffer in buffers { buffer.deallocate() }
        transfers = []
        buffers = []
        return true
    }

    // MARK: On the thread, and on any other that is in libusb

    private func serve() {
        while state.withLock({ !$0.isClosing || $0.inFlight > 0 }) {
            var limit = timeval(tv_sec: 0, tv_usec: 100_000)
            let code = libusb_handle_events_timeout_completed(context, &limit, nil)
            // An error that stays must not make the loop run hot.
            if code != 0, libusb_error(code) != LIBUSB_ERROR_INTERRUPTED { usleep(10_000) }
            recover()
        }
        state.change { $0.hasEnded = true }
    }

    /// Puts in flight what waits for it, as long as somebody takes what comes.
    private func submitIdle(_ state: inout State) {
        while !state.isClosing, state.failure == nil, !state.isRecovering, let number = state.idle.first,
            state.received.count <= Self.receivedLimit
        {
            state.idle.removeFirst()
            let code = libusb_submit_transfer(transfers[number])
            if code == 0 {
                state.inFlight += 1
            } else {
                state.failure = USBFailure.reason(code, operation: "USB read")
            }
        }
    }

    /// A transfer has come back; it goes out again unless this is the end.
    private func take(_ transfer: UnsafeMutablePointer<libusb_transfer>) {
        let bytes = Array(
            UnsafeBufferPointer(start: transfer.pointee.buffer, count: Int(transfer.pointee.actual_length)))
        let payload = driver.payload(of: bytes, packetSize: handle.endpoints.inputPacketSize)
        let status = transfer.pointee.status
        let number = transfers.firstIndex(of: transfer)
        state.change { state in
            state.inFlight -= 1
            state.received += payload
            if let number { state.idle.append(number) }
            guard !state.isClosing, state.failure == nil else { return }
            switch status {
            case LIBUSB_TRANSFER_COMPLETED, LIBUSB_TRANSFER_TIMED_OUT: state.failuresInRow = 0
            case LIBUSB_TRANSFER_ERROR: state.isRecovering = true
            case LIBUSB_TRANSFER_CANCELLED where state.isRecovering: break
            default: state.failure = Self.reason(status)
            }
            submitIdle(&state)
        }
    }

    private static func reason(_ status: libusb_transfer_status) -> SerialError.Reason {
        switch status {
        case LIBUSB_TRANSFER_STALL: stall
        case LIBUSB_TRANSFER_OVERFLOW: .other(operation: "USB read", errno: EOVERFLOW)
        // Nobody cancels one but the closing: the device is gone.
        default: .lost
        }
    }

    /// After a failure on the wire a host's endpoint is halted: nothing comes any more before it is told to go on, which it
    /// may be when no transfer is in flight.
    private func recover() {
        guard state.withLock({ $0.isRecovering && !$0.isClosing && $0.failure == nil }) else { return }
        for transfer in transfers { libusb_cancel_transfer(transfer) }
        guard state.withLock({ $0.inFlight == 0 }) else { return }
        usleep(Self.recoveryPause)
        let code = handle.resume(handle.endpoints.input)
        state.change { state in
            state.isRecovering = false
            state.failuresInRow += 1
            if state.failuresInRow >= Self.failureLimit || libusb_error(code) == LIBUSB_ERROR_NO_DEVICE {
                state.failure = .lost
            }
            submitIdle(&state)
        }
    }
}
