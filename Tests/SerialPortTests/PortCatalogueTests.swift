import Foundation
import SerialPort
import TestSupport
import Testing

/// Against a folder that is laid out as the kernel lays out sysfs.
@Suite struct PortCatalogueTests {
    private struct Fake {
        let root: URL
        var catalogue: PortCatalogue {
            PortCatalogue(system: root.appending(path: "sys").path, devices: root.appending(path: "dev").path)
        }

        init(_ root: URL) throws {
            self.root = root
            for folder in ["sys/class/tty", "sys/bus/usb/devices", "sys/bus/usb-serial/drivers/ch341-uart", "dev"] {
                try FileManager.default.createDirectory(
                    at: root.appending(path: folder), withIntermediateDirectories: true)
            }
        }

        func write(_ text: String, to path: String) throws {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }

        func link(_ path: String, to target: String) throws {
            try FileManager.default.createSymbolicLink(
                at: root.appending(path: path), withDestinationURL: root.appending(path: target))
        }

        /// A USB device at `busPath`, and a port of it where `tty` is one.
        func plug(_ busPath: String, vendor: String, product: String, tty: String?) throws {
            let device = "sys/devices/pci0/usb1/\(busPath)"
            try write(vendor + "\n", to: "\(device)/idVendor")
            try write(product + "\n", to: "\(device)/idProduct")
            try write("USB Serial\n", to: "\(device)/product")
            try write("", to: "\(device)/\(busPath):1.0/bInterfaceNumber")
            try link("sys/bus/usb/devices/\(busPath)", to: device)
            try link("sys/bus/usb/devices/\(busPath):1.0", to: "\(device)/\(busPath):1.0")
            guard let tty else { return }
            let port = "\(device)/\(busPath):1.0/\(tty)"
            try write("", to: "\(port)/tty/\(tty)/dev")
            try link("\(port)/driver", to: "sys/bus/usb-serial/drivers/ch341-uart")
            try link("\(port)/tty/\(tty)/device", to: port)
            try link("sys/class/tty/\(tty)", to: "\(port)/tty/\(tty)")
            try write("", to: "dev/\(tty)")
        }
    }

    @Test("a port is found with its adapter, in the order of numbers; what has no hardware is none")
    func ports() throws {
        try withTemporaryDirectory { directory in
            let fake = try Fake(directory)
            try fake.plug("1-10", vendor: "1a86", product: "7523", tty: "ttyUSB10")
            try fake.plug("1-2", vendor: "10c4", product: "ea60", tty: "ttyUSB2")
            try fake.write("0001\n", to: "sys/devices/pci0/usb1/1-2/serial")
            try fake.write("", to: "sys/devices/virtual/tty/tty1/dev")
            try fake.link("sys/class/tty/tty1", to: "sys/devices/virtual/tty/tty1")
            let ports = fake.catalogue.ports()
            #expect(ports.map(\.path) == ["ttyUSB2", "ttyUSB10"].map { directory.appending(path: "dev/\($0)").path })
            #expect(ports.map(\.driver) == ["ch341-uart", "ch341-uart"])
            #expect(
                ports.map(\.usb) == [
                    PortDescription.USBDevice(
                        vendor: 0x10C4, product: 0xEA60, serialNumber: "0001", productName: "USB Serial",
                        manufacturer: nil, busPath: "1-2"),
                    PortDescription.USBDevice(
                        vendor: 0x1A86, product: 0x7523, serialNumber: nil, productName: "USB Serial",
                        manufacturer: nil, busPath: "1-10"),
                ])
            #expect(ports.map(\.isPermitted) == [true, true])
            #expect(ports.map(\.holders) == [[], []])
        }
    }

    @Test("an adapter without a port is found too")
    func adapters() throws {
        try withTemporaryDirectory { directory in
            let fake = try Fake(directory)
            try fake.plug("1-1", vendor: "1a86", product: "7523", tty: nil)
            try fake.plug("1-2", vendor: "0403", product: "6001", tty: "ttyUSB0")
            try fake.plug("1-3", vendor: "046d", product: "c52b", tty: nil)
            #expect(fake.catalogue.adapters().map(\.name) == ["CH340", "FTDI"])
            #expect(fake.catalogue.adapters().map(\.hasPort) == [false, true])
        }
    }

    @Test("a machine without sysfs has no ports")
    func none() {
        let catalogue = PortCatalogue(system: "/nowhere", devices: "/nowhere")
        #expect(catalogue.ports() == [])
        #expect(catalogue.adapters() == [])
    }
}
