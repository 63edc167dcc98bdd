import Foundation

/// The serial ports of this machine, as sysfs shows them.
///
/// Source: Linux's sysfs(5): `/sys/class/tty/NAME/device` leads to the port, whose parents are the USB interface and the
/// USB device with `idVendor`, `idProduct`, `serial`, `product` and `manufacturer`.
///
/// A port is a terminal, or a line of a USB adapter that no terminal belongs to and that libusb reaches.
public struct PortCatalogue: Sendable {
    let system: URL
    let devices: String

    /// - Parameters:
    ///   - system: Where sysfs is mounted.
    ///   - devices: Where the device files are.
    public init(system: String = "/sys", devices: String = "/dev") {
        self.system = URL(filePath: system)
        self.devices = devices
    }

    /// Every port that has hardware behind it: terminals in the order of their names (a number counts as one), then the
    /// lines of adapters that have none, by their places.
    public func ports() -> [PortDescription] {
        let terminals = terminals()
        return terminals.map(\.port) + adapters(terminals).flatMap(lines)
    }

    /// Those that are likely to be boards.
    public func boards() -> [PortDescription] {
        ports().filter { $0.usb != nil }
    }

    /// A port of the kernel's, and the USB interface that it belongs to: `1-1.2:1.0`.
    struct Terminal {
        var port: PortDescription
        var interface: String?
    }

    func terminals() -> [Terminal] {
        let classes = system.appending(path: "class/tty")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: classes.path)) ?? []
        return names.sorted { $0.compare($1, options: .numeric) == .orderedAscending }.compactMap { name in
            describe(name, in: classes.appending(path: name))
        }
    }

    private func describe(_ name: String, in folder: URL) -> Terminal? {
        let device = folder.appending(path: "device").resolvingSymlinksInPath()
        let path = devices + "/" + name
        // A container sees every port in sysfs, but has the files of those alone that it was given.
        guard FileManager.default.fileExists(atPath: folder.appending(path: "device").path),
            FileManager.default.fileExists(atPath: path)
        else { return nil }
        let driver = try? FileManager.default.destinationOfSymbolicLink(atPath: device.appending(path: "driver").path)
        let usb = usbDevice(above: device)
        // The kernel lists sockets of old serial cards that nobody has: without USB only what a driver says it drives.
        guard usb != nil || (driver != nil && hasHardware(folder)) else { return nil }
        return Terminal(
            port: PortDescription(
                path: path, driver: driver.map { URL(filePath: $0).lastPathComponent }, usb: usb,
                holders: PortHolder.all(of: path), isPermitted: access(path, R_OK | W_OK) == 0,
                group: PortHolder.group(of: path)),
            interface: usb.flatMap { usb in device.pathComponents.last { $0.hasPrefix("\(usb.busPath):") } })
    }

    /// A serial card's port of type 0 is none.
    private func hasHardware(_ folder: URL) -> Bool {
        guard let type = text(folder.appending(path: "type")) else { return false }
        return type != "0"
    }

    private func usbDevice(above device: URL) -> PortDescription.USBDevice? {
        var folder = device
        while folder.path.count > system.path.count {
            if let found = usbDevice(at: folder) { return found }
            folder.deleteLastPathComponent()
        }
        return nil
    }

    /// Nil where the folder is no USB device's.
    func usbDevice(at folder: URL) -> PortDescription.USBDevice? {
        guard let vendor = number(folder, "idVendor"), let product = number(folder, "idProduct") else { return nil }
        return PortDescription.USBDevice(
            vendor: vendor, product: product, serialNumber: text(folder.appending(path: "serial")),
            productName: text(folder.appending(path: "product")),
            manufacturer: text(folder.appending(path: "manufacturer")), busPath: folder.lastPathComponent)
    }

    private func number(_ folder: URL, _ name: String) -> UInt16? {
        text(folder.appending(path: name)).flatMap { UInt16($0, radix: 16) }
    }

    /// A file of one line; what it holds comes from a device and is bounded by the kernel.
    func text(_ file: URL) -> String? {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return trimmed.isEmpty ? nil : trimmed
    }
}
