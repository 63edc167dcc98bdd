import Testing

@testable import SerialPort

/// Byte for byte against what Linux's drivers send, which is what the chips are known by.
@Suite struct USBSerialDriverTests {
    @Test(
        "a CH340's speed is the register's value that the facts give",
        arguments: [
            (115_200, 0xCC83, 115_384), (460_800, 0xF383, 461_538), (921_600, 0xF387, 923_076),
            (500_000, 0xF483, 500_000), (1_000_000, 0xFA83, 1_000_000), (2_000_000, 0xFD83, 2_000_000),
            (74_880, 0xB083, 75_000), (9600, 0xB282, 9615), (46, 0x0180, 45),
        ] as [(Int, UInt16, Int)])
    func ch340Bauds(baud: Int, register: UInt16, actual: Int) throws {
        let divisor = try CH340Driver.Divisor(baud: baud)
        #expect(divisor.register == register)
        #expect(divisor.baud == actual)
        #expect(
            try CH340Driver().setting(baud: baud)
                == USBControlRequest(0x40, 0x9A, value: 0x1312, index: register, .out([])))
    }

    @Test("a CH340 is opened by its version, its reset, speed, 8N1 and released lines")
    func ch340Opening() throws {
        #expect(
            try CH340Driver().opening(baud: 115_200) == [
                USBControlRequest(0xC0, 0x5F, value: 0, index: 0, .in(2)),
                USBControlRequest(0x40, 0xA1, value: 0, index: 0),
                USBControlRequest(0x40, 0x9A, value: 0x1312, index: 0xCC83),
                USBControlRequest(0x40, 0x9A, value: 0x2518, index: 0x00C3),
                USBControlRequest(0x40, 0xA4, value: 0xFFFF, index: 0),
            ])
    }

    @Test(
        "a CH340's lines go out inverted, both in one request",
        arguments: [(false, false, 0xFFFF), (true, false, 0xFFDF), (false, true, 0xFFBF), (true, true, 0xFF9F)]
            as [(Bool, Bool, UInt16)])
    func ch340Lines(dtr: Bool, rts: Bool, value: UInt16) {
        #expect(CH340Driver().setting(dtr: dtr, rts: rts) == USBControlRequest(0x40, 0xA4, value: value, index: 0))
    }

    @Test(
        "a CP210x is opened by its enabling, speed, 8N1, no flow control and released lines, and closed by the reverse")
    func cp210xOpening() throws {
        let driver = CP210xDriver(interface: 1)
        #expect(
            try driver.opening(baud: 921_600) == [
                USBControlRequest(0x41, 0x00, value: 1, index: 1),
                USBControlRequest(0x41, 0x1E, value: 0, index: 1, .out([0x00, 0x10, 0x0E, 0x00])),
                USBControlRequest(0x41, 0x03, value: 0x0800, index: 1),
                USBControlRequest(0x41, 0x13, value: 0, index: 1, .out([UInt8](repeating: 0, count: 16))),
                USBControlRequest(0x41, 0x07, value: 0x0300, index: 1),
            ])
        #expect(driver.setting(dtr: true, rts: false) == USBControlRequest(0x41, 0x07, value: 0x0301, index: 1))
        #expect(driver.setting(dtr: false, rts: true) == USBControlRequest(0x41, 0x07, value: 0x0302, index: 1))
        #expect(driver.discardingInput == [USBControlRequest(0x41, 0x12, value: 0x000A, index: 1)])
        #expect(driver.closing == [USBControlRequest(0x41, 0x00, value: 0, index: 1)])
    }

    @Test("a CP210x is asked for its part by the interface that is meant", arguments: [0, 1, 3] as [UInt8])
    func cp210xPart(interface: UInt8) {
        #expect(
            CP210xDriver.partNumber(interface: interface)
                == USBControlRequest(0xC0, 0xFF, value: 0x370B, index: UInt16(interface), .in(1)))
    }

    @Test(
        "a CP210x goes as fast as its part, and a CP2105's second line is the slower one",
        arguments: [
            (.cp2102, 0, 300...1_000_000), (.cp2104, 0, 300...2_000_000), (.cp2102NQFN28, 0, 300...3_000_000),
            (nil, 0, 300...3_000_000), (.cp2105, 0, 300...2_000_000), (.cp2105, 1, 2400...921_600),
            (.cp2108, 3, 300...2_000_000),
        ] as [(CP210xDriver.Part?, UInt8, ClosedRange<Int>)])
    func cp210xLimits(part: CP210xDriver.Part?, interface: UInt8, bauds: ClosedRange<Int>) throws {
        let driver = CP210xDriver(interface: interface, part: part)
        for baud in [bauds.lowerBound, bauds.upperBound] {
            #expect(
                try driver.setting(baud: baud)
                    == USBControlRequest(
                        0x41, 0x1E, value: 0, index: UInt16(interface),
                        .out((0..<4).map { UInt8(truncatingIfNeeded: baud >> (8 * $0)) })))
        }
        for baud in [bauds.lowerBound - 1, bauds.upperBound + 1] {
            #expect(throws: BaudError.outOfRange(baud, chip: "CP210x", bauds)) { try driver.setting(baud: baud) }
        }
    }

    @Test(
        "an FTDI's speed is whole and eighths as it codes them",
        arguments: [
            (3_000_000, 0, 0), (2_000_000, 1, 0), (1_500_000, 2, 0), (1_000_000, 3, 0), (921_600, 0x8003, 0),
            (460_800, 0x4006, 0), (230_400, 0x000D, 0), (115_200, 0x001A, 0), (74_880, 0xC028, 0), (9600, 0x4138, 0),
            // 24 MHz / 27, 29, 30 and 31: three, five, six and seven eighths.
            (888_889, 0x0003, 1), (827_586, 0x4003, 1), (800_000, 0x8003, 1), (774_194, 0xC003, 1),
        ] as [(Int, UInt16, UInt16)])
    func ftdiBauds(baud: Int, low: UInt16, high: UInt16) throws {
        #expect(try FTDIDriver().setting(baud: baud) == USBControlRequest(0x40, 3, value: low, index: high))
        #expect(
            try FTDIDriver(interface: 1, hasPortBesideDivisor: true).setting(baud: baud)
                == USBControlRequest(0x40, 3, value: low, index: high << 8 | 2))
    }

    @Test(
        "an FTDI is opened by its reset, empty queues, latency of 1 ms, no flow control, 8N1, speed and released lines")
    func ftdiOpening() throws {
        let driver = FTDIDriver()
        #expect(
            try driver.opening(baud: 115_200) == [
                USBControlRequest(0x40, 0, value: 0, index: 1), USBControlRequest(0x40, 0, value: 1, index: 1),
                USBControlRequest(0x40, 0, value: 2, index: 1), USBControlRequest(0x40, 9, value: 1, index: 1),
                USBControlRequest(0x40, 2, value: 0, index: 1), USBControlRequest(0x40, 4, value: 8, index: 1),
                USBControlRequest(0x40, 3, value: 0x001A, index: 0),
                USBControlRequest(0x40, 1, value: 0x0300, index: 1),
            ])
        #expect(driver.setting(dtr: true, rts: true) == USBControlRequest(0x40, 1, value: 0x0303, index: 1))
        #expect(driver.setting(dtr: false, rts: true) == USBControlRequest(0x40, 1, value: 0x0302, index: 1))
        #expect(driver.discardingInput == [USBControlRequest(0x40, 0, value: 1, index: 1)])
    }

    @Test(
        "a chip with several FTDI ports is told in each request which one is meant, counted from 1",
        arguments: [0, 1, 2, 3] as [UInt8])
    func ftdiPorts(interface: UInt8) throws {
        let driver = FTDIDriver(interface: interface, hasPortBesideDivisor: true)
        let port = UInt16(interface) + 1
        #expect(
            // 24 MHz / 27: a divisor whose highest bit goes to the index.
            try driver.opening(baud: 888_889) == [
                USBControlRequest(0x40, 0, value: 0, index: port), USBControlRequest(0x40, 0, value: 1, index: port),
                USBControlRequest(0x40, 0, value: 2, index: port), USBControlRequest(0x40, 9, value: 1, index: port),
                USBControlRequest(0x40, 2, value: 0, index: port), USBControlRequest(0x40, 4, value: 8, index: port),
                USBControlRequest(0x40, 3, value: 0x0003, index: 0x0100 | port),
                USBControlRequest(0x40, 1, value: 0x0300, index: port),
            ])
        #expect(try driver.setting(baud: 115_200) == USBControlRequest(0x40, 3, value: 0x001A, index: port))
        #expect(driver.setting(dtr: true, rts: false) == USBControlRequest(0x40, 1, value: 0x0301, index: port))
        #expect(driver.discardingInput == [USBControlRequest(0x40, 0, value: 1, index: port)])
    }

    @Test(
        "an FT232H has one port and takes the divisor as chips with several do",
        arguments: [(256_000, 0x800B, 0x0101), (14_400, 0x00D0, 0x0101), (115_200, 0x001A, 0x0001)]
            as [(Int, UInt16, UInt16)])
    func ft232H(baud: Int, value: UInt16, index: UInt16) throws {
        #expect(
            try FTDIDriver(product: 0x6014, interface: 0, lineCount: 1).setting(baud: baud)
                == USBControlRequest(0x40, 3, value: value, index: index))
        // An FT232R has the bit in the port's place.
        #expect(
            try FTDIDriver(product: 0x6001, interface: 0, lineCount: 1).setting(baud: baud)
                == USBControlRequest(0x40, 3, value: value, index: index >> 8))
    }

    @Test("an FTDI's packets lose their two bytes of status, wherever the last one ends")
    func ftdiPayload() {
        let packet = { (count: Int, first: UInt8) in [0x01, 0x60] + (0..<UInt8(count)).map { first &+ $0 } }
        for last in 0...62 {
            let transfer = packet(62, 0) + packet(62, 62) + packet(last, 124)
            #expect(
                FTDIDriver().payload(of: transfer, packetSize: 64) == (0..<UInt8(124 + last)).map { $0 })
        }
        #expect(FTDIDriver().payload(of: [1], packetSize: 64) == [])
        #expect(FTDIDriver().payload(of: [], packetSize: 64) == [])
        #expect(CH340Driver().payload(of: [1, 2, 3], packetSize: 32) == [1, 2, 3])
    }

    @Test("a speed that a chip cannot do is refused, and the refusal says what it can")
    func refusals() {
        #expect(throws: BaudError.outOfRange(45, chip: "CH340", 46...2_000_000)) { try CH340Driver.Divisor(baud: 45) }
        #expect(throws: BaudError.tooFarOff(1_800_000, chip: "CH340", nearest: 2_000_000)) {
            try CH340Driver.Divisor(baud: 1_800_000)
        }
        #expect(throws: BaudError.tooFarOff(2_400_000, chip: "FTDI", nearest: 2_000_000)) {
            try FTDIDriver.Divisor(baud: 2_400_000)
        }
        #expect(throws: BaudError.outOfRange(4_000_000, chip: "FTDI", 184...3_000_000)) {
            try FTDIDriver.Divisor(baud: 4_000_000)
        }
        #expect(
            BaudError.outOfRange(45, chip: "CH340", 46...2_000_000).description
                == "the CH340 cannot do 45 baud; it goes from 46 to 2000000")
        #expect(
            BaudError.tooFarOff(2_400_000, chip: "FTDI", nearest: 2_000_000).description
                == "the FTDI cannot do 2400000 baud; the nearest that it can is 2000000")
    }

    @Test("every speed within a chip's range is near what was asked for, or refused")
    func near() {
        for baud in stride(from: 184, through: 2_000_000, by: 317) {
            if let divisor = try? CH340Driver.Divisor(baud: baud) {
                #expect(abs(divisor.baud - baud) * 1000 <= baud * 25)
            }
            if let divisor = try? FTDIDriver.Divisor(baud: baud) {
                #expect(abs(divisor.baud - baud) * 1000 <= baud * 25)
                #expect(divisor.eighths < 1 << 17)
            }
        }
    }
}
