import CLibUSB
import Foundation

/// A serial adapter that is plugged in.
final class USBAdapter {
    let device: OpaquePointer
    let context: USBContext
    let chip: BoardAdapter.Chip
    let description: PortDescription.USBDevice
    /// The file that it is opened by.
    let node: String

    /// Nil where it is none, or has been pulled out meanwhile.
    init?(_ device: OpaquePointer, in context: USBContext) {
        var descriptor = libusb_device_descriptor()
        guard libusb_get_device_descriptor(device, &descriptor) == 0,
            let known = BoardAdapter.known(vendor: descriptor.idVendor, product: descriptor.idProduct)
        else { return nil }
        self.device = libusb_ref_device(device)
        self.context = context
        chip = known.chip
        let bus = libusb_get_bus_number(device)
        node = String(format: "/dev/bus/usb/%03d/%03d", Int(bus), Int(libusb_get_device_address(device)))
        // USB has at most seven tiers.
        var ports = [UInt8](repeating: 0, count: 7)
        let depth = max(0, libusb_get_port_numbers(device, &ports, Int32(ports.count)))
        let texts = Self.texts(device, [descriptor.iSerialNumber, descriptor.iProduct, descriptor.iManufacturer])
        description = PortDescription.USBDevice(
            vendor: descriptor.idVendor, product: descriptor.idProduct, serialNumber: texts[0], productName: texts[1],
            manufacturer: texts[2],
            busPath: "\(bus)-" + ports.prefix(Int(depth)).map(String.init).joined(separator: "."))
    }

    deinit { libusb_unref_device(device) }

    /// What tells it from others: `usb:1-1.2 (CH340 1a86:7523, serial 0001)`.
    var text: String {
        "usb:\(description.busPath) (\(chip.rawValue) \(description.identifier)"
            + (description.serialNumber.map { ", serial \($0)" } ?? "") + ")"
    }

    /// The device must be opened to be asked; who may not, gets nil.
    private static func texts(_ device: OpaquePointer, _ indexes: [UInt8]) -> [String?] {
        var handle: OpaquePointer?
        guard indexes.contains(where: { $0 != 0 }), libusb_open(device, &handle) == 0, let handle else {
            return indexes.map { _ in nil }
        }
        defer { libusb_close(handle) }
        return indexes.map { index in
            guard index != 0 else { return nil }
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = libusb_get_string_descriptor_ascii(handle, index, &buffer, Int32(buffer.count))
            return count > 0 ? String(decoding: buffer[..<Int(count)], as: UTF8.self) : nil
        }
    }
}
