/// A serial port that can be opened, as far as the kernel says what it is.
public struct PortDescription: Sendable, Equatable, Encodable {
    /// What ``SerialAddress/init(_:)`` takes: `/dev/ttyUSB0`; `usb:1-1.2` where the kernel has made no port of an adapter.
    public var path: String
    /// The kernel's driver: `ch341-uart`, `cp210x`, `ftdi_sio`, `cdc_acm`; of an adapter without a port also `usbfs`, which
    /// says that a program has taken it.
    public var driver: String?
    public var usb: USBDevice?
    /// The processes that have it open, but this one, as far as this user may see them.
    public var holders: [PortHolder]
    /// Whether this user may open it.
    public var isPermitted: Bool
    /// The group that may.
    public var group: String?

    public init(
        path: String, driver: String?, usb: USBDevice?, holders: [PortHolder], isPermitted: Bool, group: String?
    ) {
        self.path = path
        self.driver = driver
        self.usb = usb
        self.holders = holders
        self.isPermitted = isPermitted
        self.group = group
    }

    /// Whether a terminal is opened, and not the USB adapter itself.
    public var isTerminal: Bool { !path.hasPrefix(SerialAddress.usbScheme) }

    /// The adapter.
    public struct USBDevice: Sendable, Equatable, Encodable {
        public var vendor: UInt16
        public var product: UInt16
        public var serialNumber: String?
        public var productName: String?
        public var manufacturer: String?
        /// Where it is plugged in: bus and ports, `1-1.2`. Stays the same when it is pulled out and plugged in again.
        public var busPath: String

        public init(
            vendor: UInt16, product: UInt16, serialNumber: String?, productName: String?, manufacturer: String?,
            busPath: String
        ) {
            self.vendor = vendor
            self.product = product
            self.serialNumber = serialNumber
            self.productName = productName
            self.manufacturer = manufacturer
            self.busPath = busPath
        }

        /// `1a86:7523`.
        public var identifier: String { Self.identifier(vendor, product) }

        static func identifier(_ vendor: UInt16, _ product: UInt16) -> String { hex(vendor) + ":" + hex(product) }

        static func hex(_ number: UInt16) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 4 - text.count) + text
        }
    }
}
