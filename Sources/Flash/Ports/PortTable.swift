import SerialPort

/// Ports as a table for people: columns as wide as they must be, notes at the end of a line.
struct PortTable {
    let text: String

    init(_ ports: [PortDescription]) {
        let rows = [["PORT", "USB", "SERIAL", "PRODUCT", "DRIVER", "NOTE"]] + ports.map(Self.row)
        let widths = rows[0].indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
        text = rows.map { row in
            var line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.columns) }.joined(
                separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// What a device says of itself never reaches the terminal as it is.
    private static func row(_ port: PortDescription) -> [String] {
        let words = [port.usb?.manufacturer, port.usb?.productName].compactMap(\.self)
        return [
            port.path, port.usb?.identifier ?? "-", port.usb?.serialNumber ?? "-",
            words.isEmpty ? "-" : words.joined(separator: " "), port.driver ?? "-", note(port),
        ].map(\.printable)
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
