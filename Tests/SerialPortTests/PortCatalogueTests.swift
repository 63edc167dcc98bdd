import Foundation
import SerialPort
import TestSupport
import Testing

/// Against a folder that is laid out as the kernel lays out sysfs.
@Suite struct PortCatalogueTests {
    private func withMachine(_ body: (FakeMachine, PortCatalogue) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let machine = try FakeMachine(directory)
            try body(machine, PortCatalogue(system: machine.system, devices: machine.devices))
        }
    }

    @Test("a port is found with its adapter, in the order of numbers; what has no hardware is none")
    func ports() throws {
        try withMachine { machine, catalogue in
            try machine.plug("1-10", "1a86:7523", [.init(tty: "ttyUSB10", driver: "ch341")])
            try machine.plug("1-2", "10c4:ea60", serial: "0001", [.init(tty: "ttyUSB2", driver: "cp210x")])
            try machine.addVirtualTerminal("tty1")
            let ports = catalogue.ports()
            #expect(ports.map(\.path) == ["ttyUSB2", "ttyUSB10"].map { "\(machine.devices)/\($0)" })
            #expect(ports.map(\.driver) == ["cp210x-uart", "ch341-uart"])
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

    @Test("adapters are found with their lines, whether there are terminals of them or not")
    func adapters() throws {
        try withMachine { machine, catalogue in
            try machine.plug("1-10", "1a86:7523", number: 7, [.init()])
            try machine.plug(
                "1-2", "0403:6010", [.init(tty: "ttyUSB0", driver: "ftdi_sio"), .init(driver: "usbfs")])
            try machine.plug("1-3", "046d:c52b", number: 9, [.init()])
            let usb = { (vendor: UInt16, product: UInt16, place: String) in
                PortDescription.USBDevice(
                    vendor: vendor, product: product, serialNumber: nil, productName: "USB Serial", manufacturer: nil,
                    busPath: place)
            }
            #expect(
                catalogue.adapters() == [
                    AdapterDescription(
                        chip: .ftdi, usb: usb(0x0403, 0x6010, "1-2"),
                        interfaces: [
                            .init(number: 0, driver: "ftdi_sio", hasTerminal: true),
                            .init(number: 1, driver: "usbfs", hasTerminal: false),
                        ], node: nil),
                    AdapterDescription(
                        chip: .ch340, usb: usb(0x1A86, 0x7523, "1-10"),
                        interfaces: [.init(number: 0, driver: nil, hasTerminal: false)],
                        node: "\(machine.devices)/bus/usb/001/007"),
                ])
        }
    }

    @Test("a line is listed once: as its terminal, or by its USB address where it has none that can be opened")
    func once() throws {
        try withMachine { machine, catalogue in
            try machine.plug("1-1", "1a86:7523", number: 3, [.init(tty: "ttyUSB0", driver: "ch341")])
            try machine.plug("1-2", "10c4:ea60", number: 4, [.init()])
            try machine.plug(
                "1-3", "0403:6010", number: 5, [.init(tty: "ttyUSB1", driver: "ftdi_sio"), .init(driver: "usbfs")])
            // Sysfs shows the terminal, but a container was given the USB device alone.
            try machine.plug("1-4", "0403:6001", number: 6, [.init(tty: "ttyUSB2", driver: "ftdi_sio", hasFile: false)])
            // Of these it was given nothing.
            try machine.plug("1-5", "0403:6001", [.init(tty: "ttyUSB3", driver: "ftdi_sio", hasFile: false)])
            try machine.plug("1-6", "1a86:7523", [.init()])
            #expect(
                catalogue.boards().map { [$0.path, $0.driver, $0.usb?.busPath] } == [
                    ["\(machine.devices)/ttyUSB0", "ch341-uart", "1-1"],
                    ["\(machine.devices)/ttyUSB1", "ftdi_sio-uart", "1-3"],
                    ["usb:1-2", nil, "1-2"], ["usb:1-3#1", "usbfs", "1-3"], ["usb:1-4", "ftdi_sio", "1-4"],
                ])
            #expect(catalogue.boards().map(\.isTerminal) == [true, true, false, false, false])
            for port in catalogue.boards() { #expect(try SerialAddress(port.path).name == port.path) }
        }
    }

    @Test("the group that may open a port is said where its mode lets one in that is not root's")
    func group() throws {
        try withMachine { machine, catalogue in
            try machine.plug("1-1", "1a86:7523", [.init(tty: "ttyUSB0", driver: "ch341")])
            let path = machine.devices + "/ttyUSB0"
            // Root may give the file away; anybody else has a group of its own.
            let group: gid_t = getgid() == 0 ? 20 : getgid()
            #expect(chown(path, getuid(), group) == 0)
            #expect(chmod(path, 0o660) == 0)
            #expect(catalogue.ports().map(\.group) == [getgrgid(group).map { String(cString: $0.pointee.gr_name) }])
            #expect(chmod(path, 0o600) == 0)
            #expect(catalogue.ports().map(\.group) == [nil])
            guard getuid() == 0 else { return }
            #expect(chown(path, 0, 0) == 0)
            #expect(chmod(path, 0o660) == 0)
            #expect(catalogue.ports().map(\.group) == [nil])
        }
    }

    @Test("the file of a terminal that is missing here is known by its name")
    func missingFile() throws {
        try withMachine { machine, catalogue in
            try machine.plug("1-1", "1a86:7523", [.init(tty: "ttyUSB3", driver: "ch341", hasFile: false)])
            #expect(
                catalogue.adapters().flatMap(\.interfaces) == [
                    .init(number: 0, driver: "ch341", hasTerminal: false, missingFile: machine.devices + "/ttyUSB3")
                ])
        }
    }

    @Test("a machine without sysfs has no ports")
    func none() {
        let catalogue = PortCatalogue(system: "/nowhere", devices: "/nowhere")
        #expect(catalogue.ports() == [])
        #expect(catalogue.adapters() == [])
    }
}
