import Foundation

/// A folder that is laid out as the kernel lays out sysfs and `/dev`, with USB devices in it.
public struct FakeMachine: Sendable {
    private let root: URL

    /// Where its sysfs is, and where its device files are.
    public var system: String { root.appending(path: "sys").path }
    public var devices: String { root.appending(path: "dev").path }

    public init(_ root: URL) throws {
        self.root = root
        for folder in ["sys/class/tty", "sys/bus/usb/devices", "dev/bus/usb/001"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: folder), withIntermediateDirectories: true)
        }
    }

    /// An interface of a USB device.
    public struct Interface: Sendable {
        var tty: String?
        var driver: String?
        var hasFile: Bool

        /// - Parameters:
        ///   - tty: The port that the kernel has made of it.
        ///   - driver: The driver that it is bound to.
        ///   - hasFile: Whether the port has its device file, which a container may lack.
        public init(tty: String? = nil, driver: String? = nil, hasFile: Bool = true) {
            self.tty = tty
            self.driver = driver
            self.hasFile = hasFile
        }
    }

    /// Plugs a device in.
    ///
    /// - Parameters:
    ///   - place: Bus and port, `1-4`.
    ///   - number: The device's on its bus; nil where it has no device file.
    public func plug(
        _ place: String, _ identifier: String, serial: String? = nil, number: Int? = nil, _ interfaces: [Interface]
    ) throws {
        let device = "sys/devices/pci0/usb1/\(place)"
        let numbers = identifier.split(separator: ":")
        try write("\(numbers[0])\n", to: "\(device)/idVendor")
        try write("\(numbers[1])\n", to: "\(device)/idProduct")
        try write("USB Serial\n", to: "\(device)/product")
        if let serial { try write("\(serial)\n", to: "\(device)/serial") }
        try link("sys/bus/usb/devices/\(place)", to: device)
        if let number {
            try write("1\n", to: "\(device)/busnum")
            try write("\(number)\n", to: "\(device)/devnum")
            try write("", to: "dev/bus/usb/001/" + String(format: "%03d", number))
        }
        for (index, interface) in interfaces.enumerated() {
            let folder = "\(device)/\(place):1.\(index)"
            try write("ff\n", to: "\(folder)/bInterfaceClass")
            try write("0\(index)\n", to: "\(folder)/bInterfaceNumber")
            try link("sys/bus/usb/devices/\(place):1.\(index)", to: folder)
            if let driver = interface.driver { try link("\(folder)/driver", to: "sys/bus/usb/drivers/\(driver)") }
            guard let tty = interface.tty else { continue }
            let port = "\(folder)/\(tty)"
            try write("", to: "\(port)/tty/\(tty)/dev")
            try link("\(port)/driver", to: "sys/bus/usb-serial/drivers/\(interface.driver ?? "none")-uart")
            try link("\(port)/tty/\(tty)/device", to: port)
            try link("sys/class/tty/\(tty)", to: "\(port)/tty/\(tty)")
            if interface.hasFile { try write("", to: "dev/\(tty)") }
        }
    }

    /// A terminal that has no hardware behind it.
    public func addVirtualTerminal(_ name: String) throws {
        try write("", to: "sys/devices/virtual/tty/\(name)/dev")
        try link("sys/class/tty/\(name)", to: "sys/devices/virtual/tty/\(name)")
        try write("", to: "dev/\(name)")
    }

    private func write(_ text: String, to path: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            at: root.appending(path: path), withDestinationURL: root.appending(path: target))
    }
}
