/// A USB-serial adapter that this process drives itself, through libusb.
///
/// Opening it takes it from the kernel's driver, and sets both lines released; closing gives it back. A process that is
/// killed gives nothing back: the adapter is then without a driver until it is plugged in again, or opened and closed here.
public final class USBSerialPort: SerialPort {
    public let name: String
    public let hasModemLines = true
    private let driver: any USBSerialDriver
    /// What is open; nil when it is closed.
    private var link: Link?
    private var dtr = false
    private var rts = false

    private struct Link {
        var handle: USBDeviceHandle
        var receiver: USBReceiver
        var sender: USBSender
    }

    /// - Throws: ``SerialError``.
    public init(_ selector: USBSelector, baud: Int) throws(SerialError) {
        let name = SerialAddress.usb(selector).name
        self.name = name
        let adapter = try USBSerialDevices.find(selector, name: name)
        let handle = try USBDeviceHandle(adapter, interface: selector.interface, name: name)
        driver = try Self.driver(for: adapter, handle)
        let opening = try Self.requests(name) { [driver] () throws(BaudError) in try driver.opening(baud: baud) }
        let receiver = USBReceiver(handle, name: name, driver: driver, context: adapter.context)
        link = Link(handle: handle, receiver: receiver, sender: USBSender(handle, name: name))
        do throws(SerialError) {
            for request in opening { try handle.ask(request) }
            receiver.start()
            try receiver.check()
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    private static func driver(
        for adapter: USBAdapter, _ handle: USBDeviceHandle
    ) throws(SerialError) -> any USBSerialDriver {
        let interface = handle.endpoints.interface
        switch adapter.chip {
        case .ch340: return CH340Driver()
        case .cp210x:
            // Chips that do not know the request refuse it.
            let answer = try? handle.ask(CP210xDriver.partNumber(interface: interface))
            return CP210xDriver(interface: interface, part: answer?.first.flatMap(CP210xDriver.Part.init))
        case .ftdi:
            return FTDIDriver(
                product: adapter.description.product, interface: interface, lineCount: handle.lineCount)
        }
    }

    private static func requests<Value>(
        _ name: String, _ body: () throws(BaudError) -> Value
    ) throws(SerialError) -> Value {
        do {
            return try body()
        } catch {
            throw SerialError(name, .unsupported("\(error)"))
        }
    }

    /// What is open, as long as it works.
    private func working() throws(SerialError) -> Link {
        guard let link else { throw SerialError(name, .lost) }
        return link
    }

    public func set(baud: Int) throws(SerialError) {
        let request = try Self.requests(name) { [driver] () throws(BaudError) in try driver.setting(baud: baud) }
        try working().handle.ask(request)
    }

    public func set(dtr: Bool?, rts: Bool?) throws(SerialError) {
        let (dtr, rts) = (dtr ?? self.dtr, rts ?? self.rts)
        try working().handle.ask(driver.setting(dtr: dtr, rts: rts))
        (self.dtr, self.rts) = (dtr, rts)
    }

    public func write(_ bytes: [UInt8], within limit: Duration) throws(SerialError) {
        let link = try working()
        try link.receiver.check()
        try link.sender.write(bytes, until: .now + limit)
    }

    public func read(within limit: Duration) throws(SerialError) -> [UInt8] {
        try working().receiver.read(until: .now + limit)
    }

    /// What is in the chip goes first, where it can be told to, so that nothing of it comes later.
    public func discardInput() throws(SerialError) {
        let link = try working()
        for request in driver.discardingInput { try link.handle.ask(request) }
        link.receiver.discard()
        try link.receiver.check()
    }

    public func close() {
        guard let link else { return }
        self.link = nil
        for request in driver.closing {
            // A device that is gone needs no closing.
            guard (try? link.handle.ask(request)) != nil else { break }
        }
        // The sender's transfers come back on the receiver's thread, so the receiver ends last.
        let isFree = link.sender.close()
        if link.receiver.close(), isFree {
            if link.receiver.hasStalled { link.handle.resume(link.handle.endpoints.input) }
            link.handle.close()
        } else {
            // Libusb may still use what these hold.
            _ = Unmanaged.passRetained(link.receiver)
            _ = Unmanaged.passRetained(link.sender)
        }
    }
}
