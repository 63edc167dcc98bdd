import CLibUSB
import Glibc

/// Gives bytes to an adapter: several transfers are in flight, so that the line need not wait for this process between
/// two of them. They come back on the receiver's thread.
final class USBSender: @unchecked Sendable {
    /// What has become of a transfer.
    private struct Outcome: Sendable {
        var status: libusb_transfer_status
        /// Bytes that the device has taken.
        var count: Int
    }
    /// A part of what is sent, and the transfer that has it.
    private struct Piece {
        var slot: Int
        var range: Range<Int>
    }

    private let name: String
    private let handle: USBDeviceHandle
    private let transfers: [UnsafeMutablePointer<libusb_transfer>]
    private let buffers: [UnsafeMutablePointer<UInt8>]
    /// Of each transfer; nil while it is in flight.
    private let outcomes: SharedState<[Outcome?]>
    /// Whether libusb has kept a transfer that was cancelled.
    private var isStuck = false

    private static let transferCount = 4
    /// Bytes; a multiple of any packet.
    private static let pieceSize = 0x800
    /// How long cancelled transfers may take to come back; the kernel's do so at once.
    private static let cancelLimit = Duration.seconds(2)

    init(_ handle: USBDeviceHandle, name: String) {
        self.name = name
        self.handle = handle
        transfers = (0..<Self.transferCount).compactMap { _ in libusb_alloc_transfer(0) }
        buffers = transfers.map { _ in .allocate(capacity: Self.pieceSize) }
        outcomes = SharedState([Outcome?](repeating: nil, count: transfers.count))
    }

    /// Gives all bytes to the device.
    ///
    /// - Throws: ``SerialError``; no transfer is in flight then.
    func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(SerialError) {
        guard !isStuck, !transfers.isEmpty else { throw SerialError(name, .stalled) }
        var place = 0
        // The oldest first: an endpoint takes them in this order.
        var flying: [Piece] = []
        var next = 0
        while place < bytes.count || !flying.isEmpty {
            while flying.count < transfers.count, place < bytes.count {
                let piece = Piece(
                    slot: next % transfers.count, range: place..<min(place + Self.pieceSize, bytes.count))
                do throws(SerialError) {
                    try submit(bytes[piece.range], piece.slot)
                } catch {
                    cancel(flying)
                    throw error
                }
                flying.append(piece)
                (next, place) = (next + 1, piece.range.upperBound)
            }
            let piece = flying[0]
            guard let outcome = outcomes.wait(until: deadline, for: { $0[piece.slot] }) else {
                cancel(flying)
                throw SerialError(name, .stalled)
            }
            flying.removeFirst()
            guard outcome.status != LIBUSB_TRANSFER_COMPLETED || outcome.count < piece.range.count else { continue }
            // What comes behind a part that was cut short must not be sent before its rest.
            let behind = cancel(flying)
            flying = []
            try check(outcome.status)
            guard behind == 0 else { throw SerialError(name, .other(operation: "USB write", errno: EIO)) }
            guard ContinuousClock.now < deadline else { throw SerialError(name, .stalled) }
            place = piece.range.lowerBound + outcome.count
        }
    }

    private func submit(_ bytes: ArraySlice<UInt8>, _ slot: Int) throws(SerialError) {
        outcomes.withLock { $0[slot] = nil }
        for (index, byte) in bytes.enumerated() { buffers[slot][index] = byte }
        libusb_fill_bulk_transfer(
            transfers[slot], handle.pointer, handle.endpoints.output, buffers[slot], Int32(bytes.count),
            { transfer in
                guard let transfer, let sender = transfer.pointee.user_data else { return }
                Unmanaged<USBSender>.fromOpaque(sender).takeUnretainedValue().take(transfer)
            }, Unmanaged.passUnretained(self).toOpaque(), 0)
        let code = libusb_submit_transfer(transfers[slot])
        guard code == 0 else { throw SerialError(name, USBFailure.reason(code, operation: "USB write")) }
    }

    /// Takes transfers back, and waits for them.
    ///
    /// - Returns: How many bytes of them the device has taken.
    @discardableResult
    private func cancel(_ pieces: [Piece]) -> Int {
        for piece in pieces { libusb_cancel_transfer(transfers[piece.slot]) }
        let taken: Int? = outcomes.wait(until: .now + Self.cancelLimit) { outcomes in
            let found = pieces.compactMap { outcomes[$0.slot] }
            return found.count == pieces.count ? found.reduce(0) { $0 + $1.count } : nil
        }
        isStuck = taken == nil
        return taken ?? 0
    }

    /// - Throws: What a transfer has failed with. Its endpoint works again then.
    private func check(_ status: libusb_transfer_status) throws(SerialError) {
        switch status {
        case LIBUSB_TRANSFER_COMPLETED, LIBUSB_TRANSFER_TIMED_OUT: return
        case LIBUSB_TRANSFER_STALL:
            handle.resume(handle.endpoints.output)
            throw SerialError(name, .other(operation: "USB write", errno: EPIPE))
        case LIBUSB_TRANSFER_ERROR:
            handle.resume(handle.endpoints.output)
            throw SerialError(name, .lost)
        default: throw SerialError(name, .lost)
        }
    }

    /// A transfer has come back.
    private func take(_ transfer: UnsafeMutablePointer<libusb_transfer>) {
        guard let slot = transfers.firstIndex(of: transfer) else { return }
        let outcome = Outcome(status: transfer.pointee.status, count: Int(transfer.pointee.actual_length))
        outcomes.change { $0[slot] = outcome }
    }

    /// - Returns: False where libusb has kept a transfer. All must then stay as it is, as libusb may still read from it.
    func close() -> Bool {
        guard !isStuck else { return false }
        for transfer in transfers { libusb_free_transfer(transfer) }
        for buffer in buffers { buffer.deallocate() }
        isStuck = true
        return true
    }
}
