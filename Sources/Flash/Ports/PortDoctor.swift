import SerialPort

/// Why a board cannot be reached: looks at what is known to get in the way, and says what to do.
enum PortDoctor {
    struct Finding: Sendable, Equatable {
        var text: String
        var isTrouble: Bool
    }

    /// - Parameter processes: The names of the programs that run.
    static func examine(_ catalogue: PortCatalogue, processes: Set<String>) -> [Finding] {
        let adapters = catalogue.adapters()
        let ports = catalogue.boards()
        guard !adapters.isEmpty || !ports.isEmpty else {
            return [
                Finding(
                    text:
                        "No USB adapter of a kind that boards carry is plugged in. If a board is: many cables only charge; take "
                        + "another one, and another socket. The board's lamp says nothing about the data lines.",
                    isTrouble: true)
            ]
        }
        var findings = adapters.filter { !$0.hasPort }.map { trouble(withoutPort: $0, processes) }
        for port in ports { findings += examine(port) }
        if processes.contains("ModemManager"), !ports.isEmpty {
            findings.append(
                Finding(
                    text:
                        "ModemManager runs: it talks to new ports for some seconds. If boards are busy just after they were "
                        + "plugged in: sudo systemctl disable --now ModemManager",
                    isTrouble: false))
        }
        return findings
    }

    private static func trouble(withoutPort adapter: AdapterDescription, _ processes: Set<String>) -> Finding {
        let what = "\(adapter.name) at USB \(adapter.usb.busPath) (\(adapter.usb.identifier)) has no port: "
        let isBrailleTaken = processes.contains("brltty") || adapter.driver == "usbfs"
        if adapter.usb.identifier == "1a86:7523", isBrailleTaken {
            return Finding(
                text: what
                    + "brltty takes it for a braille display. If nobody needs one: sudo apt-get remove brltty, then "
                    + "plug the board in again.",
                isTrouble: true)
        }
        if adapter.driver == "usbfs" {
            return Finding(text: what + "a program has taken it through libusb; end that program.", isTrouble: true)
        }
        return Finding(
            text: what
                + "the kernel has no driver for it loaded. Load it: sudo modprobe \(module(adapter.name)); in a container "
                + "or a virtual machine pass the device on.",
            isTrouble: true)
    }

    private static func module(_ name: String) -> String {
        switch name {
        case "CH340": "ch341"
        case "CP210x": "cp210x"
        default: "ftdi_sio"
        }
    }

    private static func examine(_ port: PortDescription) -> [Finding] {
        var findings: [Finding] = []
        if !port.isPermitted {
            let group = port.group ?? "dialout"
            findings.append(
                Finding(
                    text:
                        "\(port.path) may not be opened by this user; it belongs to the group \(group): sudo usermod -aG \(group) "
                        + "$USER, then log out and in again (a new terminal is not enough).",
                    isTrouble: true))
        }
        if !port.holders.isEmpty {
            findings.append(
                Finding(
                    text:
                        "\(port.path) is in use by \(port.holders.map(\.description).joined(separator: ", ")); a port has one "
                        + "user at a time.",
                    isTrouble: true))
        }
        if findings.isEmpty {
            findings.append(
                Finding(
                    text:
                        "\(port.path) is there, free, and this user may open it. If the board does not answer: iot flash id "
                        + "--port \(port.path); if that fails, hold GPIO0 (FLASH) low while pressing reset and add --before "
                        + "no-reset.",
                    isTrouble: false))
        }
        return findings
    }
}
