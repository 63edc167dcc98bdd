/// A USB-serial chip of a kind that boards carry, whether the kernel has made ports of it or not.
public struct AdapterDescription: Sendable, Equatable {
    /// One of its serial lines: chips with several have an interface for each.
    public struct Interface: Sendable, Equatable {
        /// `bInterfaceNumber`, from 0.
        public var number: Int
        /// The kernel's driver of it; `usbfs` where a program has taken it.
        public var driver: String?
        /// Whether there is a terminal for it.
        public var hasTerminal: Bool
        /// The file of the terminal that the kernel has made of it, where that is not here: a container was not given it.
        public var missingFile: String?

        public init(number: Int, driver: String?, hasTerminal: Bool, missingFile: String? = nil) {
            self.number = number
            self.driver = driver
            self.hasTerminal = hasTerminal
            self.missingFile = missingFile
        }
    }

    public var chip: BoardAdapter.Chip
    public var usb: PortDescription.USBDevice
    public var interfaces: [Interface]
    /// The file that programs open to drive it themselves; nil where there is none, as in a container that was not given it.
    public var node: String?

    public init(
        chip: BoardAdapter.Chip, usb: PortDescription.USBDevice, interfaces: [Interface], node: String?
    ) {
        self.chip = chip
        self.usb = usb
        self.interfaces = interfaces
        self.node = node
    }

    /// What opens the line of an interface without the kernel's driver: `usb:1-1.2`, with several lines `usb:1-1.2#1`.
    public func address(of interface: Interface) -> String {
        let number = interfaces.count > 1 ? UInt8(clamping: interface.number) : nil
        return SerialAddress.usb(USBSelector(.place(usb.busPath), interface: number)).name
    }
}
