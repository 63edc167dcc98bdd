import SerialPort
import TestSupport
import Testing

@testable import Flash

/// The question which of several boards is meant.
@Suite struct PortQuestionTests {
    private func ports() throws -> [PortDescription] {
        try withTemporaryDirectory { root in
            let machine = try FakeMachine(root)
            for number in 0..<2 {
                try machine.plug("1-\(number)", "1a86:7523", [.init(tty: "ttyUSB\(number)", driver: "ch341")])
            }
            var ports = PortCatalogue(system: machine.system, devices: machine.devices).boards()
            for index in ports.indices { ports[index].path = "/dev/ttyUSB\(index)" }
            return ports
        }
    }

    @Test("each board has a number, and what a device says of itself does not move the cursor")
    func text() throws {
        var ports = try ports()
        ports[1].usb?.productName = "A\u{1B}[2JB\u{202E}C\u{2028}D"
        #expect(
            PortQuestion.text(ports)
                == "1  /dev/ttyUSB0  USB Serial\n2  /dev/ttyUSB1  A?[2JB?C?D\nWhich board? [1-2] ")
    }

    @Test("a number is a choice, anything else is none")
    func chosen() throws {
        let ports = try ports()
        #expect(
            ["1", "2", "0", "3", "", "x", "-1"].map { PortQuestion.chosen($0, of: ports) }
                == ["/dev/ttyUSB0", "/dev/ttyUSB1", nil, nil, nil, nil, nil])
    }
}
