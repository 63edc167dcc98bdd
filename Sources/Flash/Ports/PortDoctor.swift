import SerialPort

/// Why a board cannot be reached: looks at what is known to get in the way, and says what to do.
enum PortDoctor {
    struct Finding: Sendable, Equatable {
        var text: String
        var isTrouble: Bool
    }

    /// - Parameter processes: The names of the programs that run.
    static func examine(_ catalogue: PortCatalogue, processes: Set<String>) -> [Finding] {
        examine(catalogue.adapters(), catalogue.boards(), processes)
    }

    static func examine(
        _ adapters: [AdapterDescription], _ ports: [PortDescription], _ processes: Set<String>
    ) -> [Finding] {
        guard !adapters.isEmpty || !ports.isEmpty else {
            return [
                Finding(
                    text:
                        "No USB adapter of a kind that boards carry is plugged in. If a board is: many cables only charge; take "
                        + "another one, and another socket. The board's lamp says nothing about the data lines.",
                    isTrouble: true)
            ]
        }
        var findings: [Finding] = []
        for adapter in adapters {
            for line in adapter.interfaces where !line.hasTerminal {
                let address = adapter.address(of: line)
                findings.append(
                    examine(line, of: adapter, address, ports.first { $0.path == address }, processes))
            }
        }
        for port in ports where port.isTerminal { findings += examine(port) }
        if processes.contains("ModemManager"), ports.contains(where: \.isTerminal) {
            findings.append(
                Finding(
                    text:
                        "ModemManager runs: it talks to new ports for some seconds. If boards are busy just after they were "
                        + "plugged in: sudo systemctl disable --now ModemManager",
                    isTrouble: false))
        }
        return findings
    }

    /// - Parameter port: What it can be opened by without the kernel; nil where it cannot be.
    private static func examine(
        _ line: AdapterDescription.Interface, of adapter: AdapterDescription, _ address: String,
        _ port: PortDescription?,
        _ processes: Set<String>
    ) -> Finding {
        let what =
            "\(adapter.chip.rawValue) at USB \(address.dropFirst("usb:".count)) (\(adapter.usb.identifier)) has no port: "
        if isBraille(line, adapter, port?.holders ?? [], processes) {
            return Finding(
                text: what
                    + "brltty takes it for a braille display. If nobody needs one: sudo apt-get remove brltty, then "
                    + "plug the board in again.",
                isTrouble: true)
        }
        if line.driver == "usbfs" {
            let holders = port?.holders.map(\.description).joined(separator: ", ") ?? ""
            return Finding(
                text: what + (holders.isEmpty ? "a program" : holders)
                    + " has taken it through libusb; end that program.",
                isTrouble: true)
        }
        guard let port else {
            if let file = line.missingFile {
                return Finding(
                    text: what + "the kernel has made \(file) of it, but that file is not here: "
                        + SerialError.notPassedOn(file) + ".",
                    isTrouble: true)
            }
            return Finding(
                text: what
                    + "the kernel has no driver for it loaded, or this container or virtual machine was not given it. "
                    + "Load the driver: sudo modprobe \(module(adapter.chip)); or pass the device on.",
                isTrouble: true)
        }
        guard port.isPermitted else {
            return Finding(
                text: "\(SerialError(address, .usbNotPermitted(vendor: adapter.usb.vendor)))", isTrouble: true)
        }
        return Finding(
            text: what
                + "the kernel has no driver for it, or no file of its port is here. That does no harm: it is driven without, as "
                + "--port \(address).",
            isTrouble: false)
    }

    /// Whether brltty has it: the program that holds it tells, and where that cannot be seen, that brltty runs and a kernel's
    /// driver is missing.
    private static func isBraille(
        _ line: AdapterDescription.Interface, _ adapter: AdapterDescription, _ holders: [PortHolder],
        _ processes: Set<String>
    ) -> Bool {
        let brltty = "brltty"
        guard adapter.usb.identifier == "1a86:7523" else { return false }
        guard holders.isEmpty else { return holders.contains { $0.command == brltty } }
        return processes.contains(brltty) && [nil, "usbfs"].contains(line.driver)
    }

    private static func module(_ chip: BoardAdapter.Chip) -> String {
        switch chip {
        case .ch340: "ch341"
        case .cp210x: "cp210x"
        case .ftdi: "ftdi_sio"
        }
    }

    private static func examine(_ port: PortDescription) -> [Finding] {
        var findings: [Finding] = []
        if !port.isPermitted {
            let advice =
                port.group.map {
                    "it belongs to the group \($0): sudo usermod -aG \($0) $USER, then log out and in again (a new terminal "
                        + "is not enough)."
                } ?? SerialError.terminalRule + "."
            findings.append(Finding(text: "\(port.path) may not be opened by this user; \(advice)", isTrouble: true))
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
