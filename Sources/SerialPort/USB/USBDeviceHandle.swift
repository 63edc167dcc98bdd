import CLibUSB

/// A USB device that is open, with an interface that is this process's alone; its kernel driver waits meanwhile.
final class USBDeviceHandle {
    let pointer: OpaquePointer
    let endpoints: USBEndpoints
    /// How many serial lines the device has.
    let lineCount: Int
    private let name: String
    /// libusb's session must outlive the handle.
    private let adapter: USBAdapter
    private var isOpen = true

    /// The chips answer within a few milliseconds.
    private static let answer = Duration.seconds(1)

    /// - Parameter interface: The number of the interface; nil takes the first that carries a line.
    init(_ adapter: USBAdapter, interface: UInt8?, name: String) throws(SerialError) {
        let lines = USBEndpoints.all(of: adapter.device)
        guard let endpoints = lines.first(where: { interface == nil || $0.interface == interface }) else {
            throw SerialError(
                name,
                lines.isEmpty
                    ? .unsupported("the device has no endpoints for serial data")
                    : .noSuchLine(lines.map { Int($0.interface) }))
        }
        var handle: OpaquePointer?
        let code = libusb_open(adapter.device, &handle)
        guard code == 0, let handle else { throw Self.cannotOpen(adapter, name, code) }
        // Detaches the kernel's driver when the interface is claimed, and attaches it again when that is given back.
        libusb_set_auto_detach_kernel_driver(handle, 1)
        let claimed = libusb_claim_interface(handle, Int32(endpoints.interface))
        guard claimed == 0 else {
            libusb_close(handle)
            throw Self.cannotOpen(adapter, name, claimed)
        }
        self.adapter = adapter
        self.endpoints = endpoints
        lineCount = lines.count
        self.name = name
        pointer = handle
    }

    deinit { close() }

    private static func cannotOpen(_ adapter: USBAdapter, _ name: String, _ code: Int32) -> SerialError {
        switch libusb_error(code) {
        case LIBUSB_ERROR_ACCESS: SerialError(name, .usbNotPermitted(vendor: adapter.description.vendor))
        case LIBUSB_ERROR_BUSY: SerialError(name, .busy(PortHolder.all(of: adapter.node)))
        case LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_NOT_FOUND: SerialError(name, .lost)
        default: SerialError(name, USBFailure.reason(code, operation: "libusb_open"))
        }
    }

    /// - Returns: What the device has answered; nothing for a request to it.
    @discardableResult
    func ask(_ request: USBControlRequest) throws(SerialError) -> [UInt8] {
        var data: [UInt8] =
            switch request.direction {
            case .out(let bytes): bytes
            case .in(let count): [UInt8](repeating: 0, count: count)
            }
        let count = libusb_control_transfer(
            pointer, request.type, request.request, request.value, request.index, &data, UInt16(data.count),
            Self.milliseconds(Self.answer))
        guard count >= 0 else {
            throw SerialError(
                name, USBFailure.reason(count, operation: "USB request \(String(request.request, radix: 16))"))
        }
        guard case .in = request.direction else { return [] }
        return Array(data.prefix(Int(count)))
    }

    /// Makes an endpoint work again that has stalled, or that has failed on the wire. Only when none of its transfers is in
    /// flight.
    ///
    /// - Parameter endpoint: Its address.
    /// - Returns: Libusb's code.
    @discardableResult
    func resume(_ endpoint: UInt8) -> Int32 {
        libusb_clear_halt(pointer, endpoint)
    }

    /// Gives the interface back to the kernel's driver. Only when no transfer is in flight.
    func close() {
        guard isOpen else { return }
        isOpen = false
        libusb_release_interface(pointer, Int32(endpoints.interface))
        libusb_close(pointer)
    }

    /// Libusb takes 0 for no limit at all.
    private static func milliseconds(_ limit: Duration) -> UInt32 {
        let (seconds, attoseconds) = limit.components
        return UInt32(clamping: max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}
