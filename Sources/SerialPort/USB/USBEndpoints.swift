import CLibUSB

/// An interface of a serial adapter that has a bulk endpoint in each direction, as its descriptors say.
struct USBEndpoints: Equatable {
    var interface: UInt8
    /// Addresses, with the direction's bit.
    var input: UInt8
    var output: UInt8
    /// Bytes in a packet from the device.
    var inputPacketSize: Int

    /// Those of all lines that a device has, in the order of its descriptors.
    static func all(of device: OpaquePointer) -> [USBEndpoints] {
        var pointer: UnsafeMutablePointer<libusb_config_descriptor>?
        guard libusb_get_active_config_descriptor(device, &pointer) == 0, let pointer else { return [] }
        defer { libusb_free_config_descriptor(pointer) }
        let configuration = pointer.pointee
        return (0..<Int(configuration.bNumInterfaces)).compactMap { number in
            let interface = configuration.interface[number]
            return interface.num_altsetting > 0 ? USBEndpoints(interface.altsetting[0]) : nil
        }
    }

    private init?(_ setting: libusb_interface_descriptor) {
        let endpoints = (0..<Int(setting.bNumEndpoints)).map { setting.endpoint[$0] }
            .filter { $0.bmAttributes & 3 == LIBUSB_TRANSFER_TYPE_BULK.rawValue }
        guard let input = endpoints.first(where: { $0.bEndpointAddress & 0x80 != 0 }),
            let output = endpoints.first(where: { $0.bEndpointAddress & 0x80 == 0 }), input.wMaxPacketSize > 0
        else { return nil }
        interface = setting.bInterfaceNumber
        self.input = input.bEndpointAddress
        self.output = output.bEndpointAddress
        inputPacketSize = Int(input.wMaxPacketSize & 0x7FF)
    }
}
