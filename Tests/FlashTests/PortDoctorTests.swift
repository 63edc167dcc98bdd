import Foundation
import SerialPort
import TestSupport
import Testing

@testable import Flash

@Suite struct PortDoctorTests {
    /// A machine with one USB device and, where it has a driver, its port.
    private func examine(
        product: String, driver: String?, port: Bool, processes: Set<String> = []
    ) throws -> [PortDoctor.Finding] {
        try withTemporaryDirectory { root in
            let manager = FileManager.default
            let device = root.appending(path: "sys/devices/usb1/1-1")
            let interface = device.appending(path: "1-1:1.0")
            for folder in ["sys/class/tty", "sys/bus/usb/devices", "dev", "drivers"] {
                try manager.createDirectory(at: root.appending(path: folder), withIntermediateDirectories: true)
            }
            try manager.createDirectory(at: interface, withIntermediateDirectories: true)
            try "1a86\n".write(to: device.appending(path: "idVendor"), atomically: true, encoding: .utf8)
            try "\(product)\n".write(to: device.appending(path: "idProduct"), atomically: true, encoding: .utf8)
            let devices = root.appending(path: "sys/bus/usb/devices")
            try manager.createSymbolicLink(at: devices.appending(path: "1-1"), withDestinationURL: device)
            try manager.createSymbolicLink(at: devices.appending(path: "1-1:1.0"), withDestinationURL: interface)
            if let driver {
                try manager.createSymbolicLink(
                    at: interface.appending(path: "driver"),
                    withDestinationURL: root.appending(path: "drivers/\(driver)"))
            }
            if port {
                let tty = interface.appending(path: "ttyUSB0/tty/ttyUSB0")
                try manager.createDirectory(at: tty, withIntermediateDirectories: true)
                try manager.createSymbolicLink(
                    at: tty.appending(path: "device"), withDestinationURL: interface.appending(path: "ttyUSB0"))
                try manager.createSymbolicLink(
                    at: root.appending(path: "sys/class/tty/ttyUSB0"), withDestinationURL: tty)
                try Data().write(to: root.appending(path: "dev/ttyUSB0"))
            }
            return PortDoctor.examine(
                PortCatalogue(system: root.appending(path: "sys").path, devices: "/dev/null/.."),
                processes: processes)
        }
    }

    @Test("no adapter at all: the cable")
    func nothing() {
        let findings = PortDoctor.examine(PortCatalogue(system: "/nowhere", devices: "/nowhere"), processes: [])
        #expect(findings.map(\.isTrouble) == [true])
        #expect(findings.first?.text.contains("many cables only charge") == true)
    }

    @Test("an adapter without a port: brltty, another program, or no driver")
    func withoutPort() throws {
        let braille = try examine(product: "7523", driver: nil, port: false, processes: ["brltty"])
        #expect(
            braille.map(\.text) == [
                "CH340 at USB 1-1 (1a86:7523) has no port: brltty takes it for a braille display. If nobody needs one: sudo apt-get "
                    + "remove brltty, then plug the board in again."
            ])
        let taken = try examine(product: "5523", driver: "usbfs", port: false)
        #expect(
            taken.map(\.text) == [
                "CH340 at USB 1-1 (1a86:5523) has no port: a program has taken it through libusb; end that program."
            ])
        let driverless = try examine(product: "5523", driver: nil, port: false)
        #expect(
            driverless.map(\.text) == [
                "CH340 at USB 1-1 (1a86:5523) has no port: the kernel has no driver for it loaded. Load it: sudo modprobe ch341; in "
                    + "a container or a virtual machine pass the device on."
            ])
        #expect((braille + taken + driverless).map(\.isTrouble) == [true, true, true])
    }

    @Test("the table has a line a port, and what a device says of itself is made harmless")
    func table() {
        let port = PortDescription(
            path: "/dev/ttyUSB0", driver: "ch341-uart",
            usb: .init(
                vendor: 0x1A86, product: 0x7523, serialNumber: nil, productName: "USB\u{1B}[2J Serial",
                manufacturer: nil, busPath: "1-1"),
            holders: [PortHolder(process: 7, command: "minicom")], isPermitted: false, group: "dialout")
        #expect(
            PortTable([port]).text == """
                PORT          USB        SERIAL  PRODUCT         DRIVER      NOTE
                /dev/ttyUSB0  1a86:7523  -       USB?[2J Serial  ch341-uart  in use by minicom (process 7); not permitted: \
                sudo usermod -aG dialout $USER, then log in again

                """)
    }
}
