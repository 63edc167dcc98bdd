/// Which USB device is meant.
public enum USBSelector: Sendable, Equatable, CustomStringConvertible {
    /// Bus and ports, `1-1.2`: the same after the device was pulled out and plugged in again.
    case place(String)
    /// `1a86:7523`.
    case identifier(vendor: UInt16, product: UInt16)
    /// `serial=0001`.
    case serialNumber(String)

    /// - Parameter text: What stands after `usb:`. Nil where it is none of the three.
    init?(_ text: some StringProtocol) {
        let serial = "serial="
        if text.hasPrefix(serial), text.count > serial.count {
            self = .serialNumber(String(text.dropFirst(serial.count)))
        } else if let (vendor, product) = Self.identifier(text) {
            self = .identifier(vendor: vendor, product: product)
        } else if Self.isPlace(text) {
            self = .place(String(text))
        } else {
            return nil
        }
    }

    private static func identifier(_ text: some StringProtocol) -> (UInt16, UInt16)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isHexDigit) }),
            let vendor = UInt16(parts[0], radix: 16), let product = UInt16(parts[1], radix: 16)
        else { return nil }
        return (vendor, product)
    }

    /// `BUS-PORT[.PORT ...]`.
    private static func isPlace(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        return ([parts[0]] + parts[1].split(separator: ".", omittingEmptySubsequences: false))
            .allSatisfy { $0.utf8.allSatisfy { (48...57).contains($0) } && UInt8($0) != nil }
    }

    func matches(_ device: PortDescription.USBDevice) -> Bool {
        switch self {
        case .place(let place): device.busPath == place
        case .identifier(let vendor, let product): device.vendor == vendor && device.product == product
        case .serialNumber(let number): device.serialNumber == number
        }
    }

    /// As a user would write it after `usb:`.
    public var description: String {
        switch self {
        case .place(let place): place
        case .identifier(let vendor, let product): PortDescription.USBDevice.identifier(vendor, product)
        case .serialNumber(let number): "serial=\(number)"
        }
    }
}
