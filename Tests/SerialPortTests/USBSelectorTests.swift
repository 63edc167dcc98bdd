import Testing

@testable import SerialPort

@Suite struct USBSelectorTests {
    @Test(
        "a USB adapter is named by its place, its numbers or its serial number, and written as it was read",
        arguments: [
            ("usb:1-1.2", .place("1-1.2")), ("usb:12-3", .place("12-3")), ("usb:2-1.4.7", .place("2-1.4.7")),
            ("usb:1a86:7523", .identifier(vendor: 0x1A86, product: 0x7523)),
            ("usb:serial=0001", .serialNumber("0001")), ("usb:serial=a:b=c", .serialNumber("a:b=c")),
        ] as [(String, USBSelector)])
    func selectors(text: String, selector: USBSelector) throws {
        let address = try SerialAddress(text)
        #expect(address == .usb(selector))
        #expect(address.name == text)
    }

    @Test(
        "anything else after usb: says what would be right",
        arguments: [
            "usb:", "usb:1", "usb:1-", "usb:-1", "usb:1-1.", "usb:1-+1", "usb:1-1-1", "usb:999-1", "usb:serial=",
            "usb:1a86", "usb:1a86:752", "usb:1a86:752g", "usb:1a86:7523:1", "usb:+a86:7523", "usb://1-1",
        ])
    func refusals(text: String) {
        #expect(
            throws: SerialError(
                text,
                .badAddress(
                    "a USB adapter is a place (usb:1-1.2), vendor and product (usb:1a86:7523) or usb:serial=TEXT"))
        ) { try SerialAddress(text) }
    }

    @Test("who may not open a USB device is told the rule that lets it")
    func permission() {
        #expect(
            SerialError("usb:1-1.2", .usbNotPermitted(vendor: 0x0403)).description
                == #"usb:1-1.2: this user may not open the USB device; allow it in /etc/udev/rules.d with SUBSYSTEM=="usb", "#
                + #"ATTR{idVendor}=="0403", GROUP="dialout", and plug it in again"#)
    }
}
