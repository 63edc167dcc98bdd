import Foundation
import SerialPort

/// What a board is known by on this machine, whichever way a rig names it: a link to its port, the port itself and its adapter's
/// serial number come to one name.
struct BoardNames: Sendable {
    private let system: String
    private let devices: String

    /// - Parameters:
    ///   - system: Where sysfs is mounted.
    ///   - devices: Where the device files are.
    init(system: String = "/sys", devices: String = "/dev") {
        self.system = system
        self.devices = devices
    }

    /// The names of a board that others may use too, in order; none where nobody else can.
    func of(_ board: RigBoard) -> [String] {
        guard board.driver == .serial else { return [] }
        let names = [board.serial.map { port($0.port) }, board.address.map { "address \($0)" }].compactMap(\.self)
        return names.sorted()
    }

    /// A port's name: the line of the USB adapter, `usb 1-1.2:1.0`, where it is one, and else its device file or its server.
    func port(_ text: String) -> String {
        guard let address = try? SerialAddress(text) else { return text }
        switch address {
        case .terminal(let path):
            let node = Self.withoutLinks(path)
            return line(of: URL(filePath: node).lastPathComponent).map { "usb \($0)" } ?? node
        case .usb(let selector): return adapter(selector) ?? address.name
        case .rfc2217, .tcp: return address.name.lowercased()
        }
    }

    private func adapter(_ selector: USBSelector) -> String? {
        let found = PortCatalogue(system: system, devices: devices).boards().filter { port in
            guard let usb = port.usb else { return false }
            return switch selector.device {
            case .place(let place): usb.busPath == place
            case .identifier(let vendor, let product): usb.vendor == vendor && usb.product == product
            case .serialNumber(let number): usb.serialNumber == number
            }
        }
        guard let place = found.first?.usb?.busPath else { return nil }
        if let number = selector.interface { return "usb \(place):1.\(number)" }
        let lines = found.filter { $0.usb?.busPath == place && $0.isTerminal }
            .compactMap { line(of: URL(filePath: $0.path).lastPathComponent) }
        return "usb \(lines.min() ?? "\(place):1.0")"
    }

    /// The USB interface of a terminal, `1-1.2:1.0`, by where sysfs has it; nil where it is none of USB's.
    private func line(of terminal: String) -> String? {
        let device = Self.withoutLinks("\(system)/class/tty/\(terminal)/device")
        return device.split(separator: "/").map(String.init).last { part in
            let halves = part.split(separator: ":")
            return halves.count == 2
                && halves.allSatisfy { half in
                    half.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
                } && halves[0].contains("-") && halves[1].contains(".")
        }
    }

    /// As far as there is such a file.
    private static func withoutLinks(_ path: String) -> String {
        guard let whole = realpath(path, nil) else { return path }
        defer { free(whole) }
        return String(cString: whole)
    }
}
