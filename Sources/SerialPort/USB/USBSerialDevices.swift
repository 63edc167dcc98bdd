/// The USB adapters that can be used without a kernel driver.
public enum USBSerialDevices {
    /// Those that are plugged in, by their places. Serial number and names are nil where this user may not open one.
    ///
    /// - Throws: ``SerialError`` where the system has no USB.
    public static func list() throws(SerialError) -> [PortDescription.USBDevice] {
        try USBContext(name: "usb:").adapters(name: "usb:").map(\.description)
    }

    /// The one that is meant.
    static func find(_ selector: USBSelector, name: String) throws(SerialError) -> USBAdapter {
        let all = try USBContext(name: name).adapters(name: name)
        let found = all.filter { selector.matches($0.description) }
        guard let first = found.first else { throw SerialError(name, .noSuchAdapter(all.map(\.text))) }
        guard found.count == 1 else { throw SerialError(name, .several(found.map(\.text))) }
        return first
    }
}
