import Testing

@testable import SerialPort

@Suite struct USBSelectorTests {
    @Test(
        "a USB adapter is named by its place, its numbers or its serial number, and written as it was read",
        arguments: [
            ("usb:1-1.2", USBSelector(.place("1-1.2"))), ("usb:12-3", USBSelector(.place("12-3"))),
            ("usb:2-1.4.7", USBSelector(.place("2-1.4.7"))), ("usb:1-2#1", USBSelector(.place("1-2"), interface: 1)),
            ("usb:1a86:7523", USBSelector(.identifier(vendor: 0x1A86, product: 0x7523))),
            ("usb:0403:6010#0", USBSelector(.identifier(vendor: 0x0403, product: 0x6010), interface: 0)),
            ("usb:serial=0001", USBSelector(.serialNumber("0001"))),
            ("usb:serial=a:b=c", USBSelector(.serialNumber("a:b=c"))),
            ("usb:serial=A#3", USBSelector(.serialNumber("A"), interface: 3)),
            ("usb:serial=A#B", USBSelector(.serialNumber("A#B"))),
            ("usb:serial=A#1#0", USBSelector(.serialNumber("A#1"), interface: 0)),
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
            "usb:#1", "usb:1-1#", "usb:1-1#A", "usb:1-1#256", "usb:1-1#-1", "usb:1-1#0#1", "usb:serial=#1",
        ])
    func refusals(text: String) {
        #expect(
            throws: SerialError(
                text,
                .badAddress(
                    "a USB adapter is a place (usb:1-1.2), vendor and product (usb:1a86:7523) or usb:serial=TEXT, and #1 "
                        + "after it is the second of several lines"))
        ) { try SerialAddress(text) }
    }

    @Test("a line that an adapter has not is refused, with those that it has")
    func lines() {
        #expect(
            SerialError("usb:1-1.2#4", .noSuchLine([0, 1])).description
                == "usb:1-1.2#4: the adapter has no such line; it has #0, #1")
    }

    @Test("who may not open a USB device is told the rule that lets it")
    func permission() {
        #expect(
            SerialError("usb:1-1.2", .usbNotPermitted(vendor: 0x0403)).description
                == #"usb:1-1.2: this user may not open the USB device; allow it in /etc/udev/rules.d with SUBSYSTEM=="usb", "#
                + #"ATTR{idVendor}=="0403", GROUP="dialout", and plug it in again"#)
    }
}
