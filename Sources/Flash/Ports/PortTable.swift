import SerialPort
import TerminalText

/// Ports as a table for people, notes at the end of a line.
struct PortTable {
    let text: String

    init(_ ports: [PortDescription]) {
        text = TextTable(["PORT", "USB", "SERIAL", "PRODUCT", "DRIVER", "NOTE"], ports.map(Self.row)).text
    }

    private static func row(_ port: PortDescription) -> [String] {
        let words = [port.usb?.manufacturer, port.usb?.productName].compactMap(\.self)
        return [
            port.path, port.usb?.identifier ?? "-", port.usb?.serialNumber ?? "-",
            words.isEmpty ? "-" : words.joined(separator: " "), port.driver ?? "-", note(port),
        ]
    }

    private static func note(_ port: PortDescription) -> String {
        var notes: [String] = []
        if !port.holders.isEmpty {
            notes.append("in use by \(port.holders.map(\.description).joined(separator: ", "))")
        }
        if !port.isPermitted { notes.append("not permitted" + permission(port)) }
        return notes.joined(separator: "; ")
    }

    private static func permission(_ port: PortDescription) -> String {
        guard port.isTerminal else { return ": iot ports doctor has the rule that allows it" }
        return port.group.map { ": sudo usermod -aG \($0) $USER, then log in again" }
            ?? ": iot ports doctor says how to allow it"
    }
}
