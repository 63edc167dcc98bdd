/// Which line of which USB device is meant.
public struct USBSelector: Sendable, Equatable, CustomStringConvertible {
    /// What tells a device from others.
    public enum Device: Sendable, Equatable {
        /// Bus and ports, `1-1.2`: the same after the device was pulled out and plugged in again.
        case place(String)
        /// `1a86:7523`.
        case identifier(vendor: UInt16, product: UInt16)
        /// `serial=0001`.
        case serialNumber(String)
    }

    public var device: Device
    /// The number of the interface that carries the line, from 0: `#1` is an FT2232's port B. Nil: the first that does.
    public var interface: UInt8?

    public init(_ device: Device, interface: UInt8? = nil) {
        self.device = device
        self.interface = interface
    }

    /// - Parameter text: What stands after `usb:`. Nil where it names no device.
    init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        // A serial number may hold the mark itself: the last one counts, and only before a number.
        if let mark = rest.lastIndex(of: "#"), let number = Self.number(rest[rest.index(after: mark)...]) {
            interface = number
            rest = rest[..<mark]
        }
        guard let device = Device(rest) else { return nil }
        self.device = device
    }

    fileprivate static func number(_ text: some StringProtocol) -> UInt8? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? UInt8(text) : nil
    }

    func matches(_ found: PortDescription.USBDevice) -> Bool {
        switch device {
        case .place(let place): found.busPath == place
        case .identifier(let vendor, let product): found.vendor == vendor && found.product == product
        case .serialNumber(let number): found.serialNumber == number
        }
    }

    /// As a user would write it after `usb:`.
    public var description: String { device.text + (interface.map { "#\($0)" } ?? "") }
}

extension USBSelector.Device {
    private static let serial = "serial="

    fileprivate init?(_ text: Substring) {
        if text.hasPrefix(Self.serial), text.count > Self.serial.count {
            self = .serialNumber(String(text.dropFirst(Self.serial.count)))
        } else if let (vendor, product) = Self.identifier(text) {
            self = .identifier(vendor: vendor, product: product)
        } else if Self.isPlace(text) {
            self = .place(String(text))
        } else {
            return nil
        }
    }

    private static func identifier(_ text: Substring) -> (UInt16, UInt16)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isHexDigit) }),
            let vendor = UInt16(parts[0], radix: 16), let product = UInt16(parts[1], radix: 16)
        else { return nil }
        return (vendor, product)
    }

    /// `BUS-PORT[.PORT ...]`.
    private static func isPlace(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        return ([parts[0]] + parts[1].split(separator: ".", omittingEmptySubsequences: false))
            .allSatisfy { USBSelector.number($0) != nil }
    }

    fileprivate var text: String {
        switch self {
        case .place(let place): place
        case .identifier(let vendor, let product): PortDescription.USBDevice.identifier(vendor, product)
        case .serialNumber(let number): Self.serial + number
        }
    }
}
