import Foundation
import SerialPort
import TestSupport
import Testing

@testable import Flash

@Suite struct PortDoctorTests {
    /// A machine with one CH340.
    private func examine(
        product: String = "7523", number: Int? = nil, _ interface: FakeMachine.Interface, processes: Set<String> = []
    ) throws -> [PortDoctor.Finding] {
        try withTemporaryDirectory { root in
            let machine = try FakeMachine(root)
            try machine.plug("1-1", "1a86:\(product)", number: number, [interface])
            return PortDoctor.examine(
                PortCatalogue(system: machine.system, devices: machine.devices), processes: processes)
        }
    }

    private func trouble(_ text: String) -> [PortDoctor.Finding] {
        [PortDoctor.Finding(text: "CH340 at USB 1-1 (1a86:7523) has no port: \(text)", isTrouble: true)]
    }

    private let braille =
        "brltty takes it for a braille display. If nobody needs one: sudo apt-get remove brltty, then plug the board in again."
    private let taken = "a program has taken it through libusb; end that program."
    private let missing =
        "the kernel has no driver for it loaded, or this container or virtual machine was not given it. "
        + "Load the driver: sudo modprobe ch341; or pass the device on."

    @Test("no adapter at all: the cable")
    func nothing() {
        let findings = PortDoctor.examine(PortCatalogue(system: "/nowhere", devices: "/nowhere"), processes: [])
        #expect(findings.map(\.isTrouble) == [true])
        #expect(findings.first?.text.contains("many cables only charge") == true)
    }

    @Test("an adapter without a port: another program, brltty where it runs and nothing else explains it, or no driver")
    func withoutPort() throws {
        #expect(try examine(.init(), processes: ["brltty"]) == trouble(braille))
        #expect(try examine(.init(driver: "usbfs"), processes: ["brltty"]) == trouble(braille))
        #expect(try examine(.init(driver: "usbfs"), processes: ["bash"]) == trouble(taken))
        #expect(try examine(.init(driver: "ch341"), processes: ["brltty"]) == trouble(missing))
        #expect(try examine(.init()) == trouble(missing))
        #expect(
            try examine(product: "5523", .init(driver: "usbfs"), processes: ["brltty"]) == [
                PortDoctor.Finding(text: "CH340 at USB 1-1 (1a86:5523) has no port: \(taken)", isTrouble: true)
            ])
    }

    @Test("an adapter that another program holds is not brltty's, whether that runs or not")
    func held() throws {
        try withTemporaryDirectory { root in
            let machine = try FakeMachine(root)
            try machine.plug("1-1", "1a86:7523", number: 4, [.init(driver: "usbfs")])
            let holder = Process()
            holder.executableURL = URL(filePath: "/bin/cat")
            // It waits for input that never comes.
            holder.standardInput = Pipe()
            holder.standardOutput = try FileHandle(forWritingTo: URL(filePath: "/dev/null"))
            holder.standardError = try FileHandle(
                forReadingFrom: URL(filePath: machine.devices + "/bus/usb/001/004"))
            try holder.run()
            // A child of this process ignores SIGTERM as its parent does.
            defer { kill(holder.processIdentifier, SIGKILL) }
            let catalogue = PortCatalogue(system: machine.system, devices: machine.devices)
            #expect(
                PortDoctor.examine(catalogue, processes: ["brltty"])
                    == trouble(
                        "cat (process \(holder.processIdentifier)) has taken it through libusb; end that program."))
        }
    }

    @Test("an adapter that is driven without the kernel is no trouble, and the doctor says how it is named")
    func withoutDriver() throws {
        #expect(
            try examine(number: 4, .init()) == [
                PortDoctor.Finding(
                    text:
                        "CH340 at USB 1-1 (1a86:7523) has no port: the kernel has no driver for it, or no file of its port is "
                        + "here. That does no harm: it is driven without, as --port usb:1-1.", isTrouble: false)
            ])
    }

    @Test("an adapter whose port has no file here is to be passed on to this machine, whoever asks")
    func notPassedOn() throws {
        try withTemporaryDirectory { root in
            let machine = try FakeMachine(root)
            try machine.plug("1-1", "1a86:7523", [.init(tty: "ttyUSB0", driver: "ch341", hasFile: false)])
            let file = machine.devices + "/ttyUSB0"
            #expect(
                PortDoctor.examine(
                    PortCatalogue(system: machine.system, devices: machine.devices), processes: ["brltty"])
                    == trouble(
                        "the kernel has made \(file) of it, but that file is not here: this container or virtual machine was "
                            + "not given it; pass it on (docker run --device=\(file))."))
        }
    }

    /// A CH340's terminal.
    private func port(
        holders: [PortHolder] = [], isPermitted: Bool = true, group: String? = nil
    ) -> PortDescription {
        PortDescription(
            path: "/dev/ttyUSB0", driver: "ch341-uart",
            usb: .init(
                vendor: 0x1A86, product: 0x7523, serialNumber: nil, productName: nil, manufacturer: nil,
                busPath: "1-1"), holders: holders, isPermitted: isPermitted, group: group)
    }

    private func examine(_ port: PortDescription, _ processes: Set<String> = []) -> [PortDoctor.Finding] {
        PortDoctor.examine([], [port], processes)
    }

    private let free = PortDoctor.Finding(
        text:
            "/dev/ttyUSB0 is there, free, and this user may open it. If the board does not answer: iot flash id --port "
            + "/dev/ttyUSB0; if that fails, hold GPIO0 (FLASH) low while pressing reset and add --before no-reset.",
        isTrouble: false)

    @Test("a port is free, or not permitted and what to do, or in use and by whom, or all of that")
    func ports() {
        #expect(examine(port()) == [free])
        let group = PortDoctor.Finding(
            text:
                "/dev/ttyUSB0 may not be opened by this user; it belongs to the group dialout: sudo usermod -aG dialout "
                + "$USER, then log out and in again (a new terminal is not enough).", isTrouble: true)
        #expect(examine(port(isPermitted: false, group: "dialout")) == [group])
        #expect(
            examine(port(isPermitted: false)) == [
                PortDoctor.Finding(
                    text: "/dev/ttyUSB0 may not be opened by this user; \(SerialError.terminalRule).", isTrouble: true)
            ])
        let used = PortDoctor.Finding(
            text: "/dev/ttyUSB0 is in use by screen (process 7), ?[2J (process 8); a port has one user at a time.",
            isTrouble: true)
        let holders = [PortHolder(process: 7, command: "screen"), PortHolder(process: 8, command: "\u{1B}[2J")]
        #expect(examine(port(holders: holders)) == [used])
        #expect(examine(port(holders: holders, isPermitted: false, group: "dialout")) == [group, used])
    }

    @Test("ModemManager is told of where it runs and there is a port that it could talk to")
    func modemManager() {
        let note = PortDoctor.Finding(
            text:
                "ModemManager runs: it talks to new ports for some seconds. If boards are busy just after they were plugged "
                + "in: sudo systemctl disable --now ModemManager", isTrouble: false)
        #expect(examine(port(), ["ModemManager", "bash"]) == [free, note])
        var adapter = port()
        adapter.path = "usb:1-1"
        #expect(examine(adapter, ["ModemManager"]) == [])
    }

    @Test("the table's columns stand below each other where characters are wide, and nothing turns a line around")
    func wideTable() {
        var named = port()
        named.usb?.productName = "漢字\u{202E}A\u{2028}"
        #expect(
            PortTable([named, port()]).text == """
                PORT          USB        SERIAL  PRODUCT  DRIVER      NOTE
                /dev/ttyUSB0  1a86:7523  -       漢字?A?  ch341-uart
                /dev/ttyUSB0  1a86:7523  -       -        ch341-uart

                """)
    }

    @Test("the table has a line a port, and what a device says of itself is made harmless")
    func table() {
        let port = PortDescription(
            path: "/dev/ttyUSB0", driver: "ch341-uart",
            usb: .init(
                vendor: 0x1A86, product: 0x7523, serialNumber: nil, productName: "USB\u{1B}[2J Serial",
                manufacturer: nil, busPath: "1-1"),
            holders: [PortHolder(process: 7, command: "minicom")], isPermitted: false, group: "dialout")
        let line = PortDescription(
            path: "usb:1-2#1", driver: nil,
            usb: .init(
                vendor: 0x0403, product: 0x6010, serialNumber: "A1", productName: nil, manufacturer: nil,
                busPath: "1-2"),
            holders: [], isPermitted: false, group: "root")
        #expect(
            PortTable([port, line]).text == """
                PORT          USB        SERIAL  PRODUCT         DRIVER      NOTE
                /dev/ttyUSB0  1a86:7523  -       USB?[2J Serial  ch341-uart  in use by minicom (process 7); not permitted: \
                sudo usermod -aG dialout $USER, then log in again
                usb:1-2#1     0403:6010  A1      -               -           not permitted: iot ports doctor has the rule that \
                allows it

                """)
    }
}
