import CLibUSB
import Foundation

/// A session with libusb. Whatever was opened in it keeps it.
final class USBContext {
    let pointer: OpaquePointer

    /// - Parameter name: What messages call the port that it is for.
    init(name: String) throws(SerialError) {
        var context: OpaquePointer?
        let code = libusb_init(&context)
        guard code == 0, let context else {
            throw SerialError(name, .unsupported("this machine has no USB that libusb could use"))
        }
        pointer = context
    }

    deinit { libusb_exit(pointer) }

    /// The serial adapters that are plugged in and that one of the chips' drivers is for, by their places.
    func adapters(name: String) throws(SerialError) -> [USBAdapter] {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        let count = libusb_get_device_list(pointer, &list)
        guard count >= 0, let list else {
            throw SerialError(name, USBFailure.reason(Int32(clamping: count), operation: "libusb_get_device_list"))
        }
        defer { libusb_free_device_list(list, 1) }
        return (0..<count).compactMap { list[$0].flatMap { USBAdapter($0, in: self) } }
            .sorted { $0.description.busPath.compare($1.description.busPath, options: .numeric) == .orderedAscending }
    }
}
