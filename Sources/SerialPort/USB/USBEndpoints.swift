import CLibUSB

/// The first interface of a serial adapter that has a bulk endpoint in each direction, as its descriptors say.
struct USBEndpoints {
    var interface: UInt8
    /// How many interfaces the configuration has.
    var interfaces: Int
    /// Addresses, with the direction's bit.
    var input: UInt8
    var output: UInt8
    /// Bytes in a packet from the device.
    var inputPacketSize: Int

    init?(of device: OpaquePointer) {
        var pointer: UnsafeMutablePointer<libusb_config_descriptor>?
        guard libusb_get_active_config_descriptor(device, &pointer) == 0, let pointer else { return nil }
        defer { libusb_free_config_descriptor(pointer) }
        let configuration = pointer.pointee
        for number in 0..<Int(configuration.bNumInterfaces) {
            let interface = configuration.interface[number]
            guard interface.num_altsetting > 0, let found = Self.bulk(interface.altsetting[0]) else { continue }
            self.interface = interface.altsetting[0].bInterfaceNumber
            interfaces = Int(configuration.bNumInterfaces)
            (input, output, inputPacketSize) = found
            return
        }
        return nil
    }

    private static func bulk(_ setting: libusb_interface_descriptor) -> (UInt8, UInt8, Int)? {
        let endpoints = (0..<Int(setting.bNumEndpoints)).map { setting.endpoint[$0] }
            .filter { $0.bmAttributes & 3 == LIBUSB_TRANSFER_TYPE_BULK.rawValue }
        guard let input = endpoints.first(where: { $0.bEndpointAddress & 0x80 != 0 }),
            let output = endpoints.first(where: { $0.bEndpointAddress & 0x80 == 0 }), input.wMaxPacketSize > 0
        else { return nil }
        return (input.bEndpointAddress, output.bEndpointAddress, Int(input.wMaxPacketSize & 0x7FF))
    }
}
