import TestSupport
import Testing

@testable import SerialPort

@Suite struct TelnetTests {
    /// RFC 2217: set the baud rate to 115200; a server's confirmation; data with a doubled IAC between them.
    private let stream: [UInt8] =
        [0x41, 255, 251, 44, 255, 250, 44, 1, 0, 1, 0xC2, 0, 255, 240, 255, 255, 0x42]

    @Test("data, negotiations and subnegotiations, wherever the stream is cut")
    func cut() {
        for place in 0...stream.count {
            var decoder = TelnetDecoder()
            var data: [UInt8] = []
            var others: [TelnetDecoder.Event] = []
            for event in decoder.decode(stream[..<place]) + decoder.decode(stream[place...]) {
                if case .data(let bytes) = event { data += bytes } else { others.append(event) }
            }
            #expect(data == [0x41, 255, 0x42])
            #expect(
                others == [
                    .negotiation(.will, option: 44), .subnegotiation(option: 44, [1, 0, 1, 0xC2, 0]),
                ])
        }
    }

    @Test("a subnegotiation without end keeps no more than its limit")
    func endless() {
        var decoder = TelnetDecoder()
        #expect(decoder.decode([255, 250, 44] + [UInt8](repeating: 1, count: 100_000)) == [])
        #expect(decoder.decode([255, 240, 0x41]) == [.oversized, .data([0x41])])
    }

    @Test("messages in both directions are what RFC 2217 says")
    func messages() {
        #expect(
            ComPortMessage.baud(115_200).encoded(fromServer: false) == [255, 250, 44, 1, 0, 1, 0xC2, 0, 255, 240])
        #expect(
            ComPortMessage.baud(0xFF).encoded(fromServer: true) == [255, 250, 44, 101, 0, 0, 0, 255, 255, 255, 240])
        #expect(ComPortMessage.control(8).encoded(fromServer: false) == [255, 250, 44, 5, 8, 255, 240])
        #expect(ComPortMessage([105, 11], fromServer: true) == .control(11))
        #expect(ComPortMessage([5, 11], fromServer: false) == .control(11))
        #expect(ComPortMessage([112, 1], fromServer: true) == .purge(1))
        #expect(ComPortMessage([5, 11], fromServer: true) == nil)
        #expect(ComPortMessage([1, 0, 0], fromServer: false) == nil)
        #expect(ComPortMessage([], fromServer: false) == nil)
    }

    @Test("random bytes never crash the decoder", arguments: 0..<50 as Range<UInt64>)
    func random(seed: UInt64) {
        var decoder = TelnetDecoder()
        // Mostly bytes that mean something.
        let bytes = noise(5000, seed: seed).map { $0 & 1 == 0 ? 255 : $0 | 0xF0 }
        for event in decoder.decode(bytes) {
            if case .subnegotiation(_, let content) = event { _ = ComPortMessage(content, fromServer: true) }
        }
    }

    @Test("addresses of ports are what they look like, and errors say what is missing")
    func addresses() throws {
        #expect(try SerialAddress("/dev/ttyUSB0") == .terminal(path: "/dev/ttyUSB0"))
        #expect(try SerialAddress("rfc2217://lab:4000") == .rfc2217(host: "lab", port: 4000))
        #expect(try SerialAddress("socket://[::1]:23") == .tcp(host: "::1", port: 23))
        for (text, why) in [
            ("COM3", "a port is a path (/dev/ttyUSB0), usb:1a86:7523, rfc2217://host:port or socket://host:port"),
            ("rfc2217://lab", "a TCP port from 1 to 65535 is missing after the host"),
            ("rfc2217://:4000", "the host is missing"),
            ("tcp://a:1", "known are rfc2217://host:port and socket://host:port"),
        ] {
            #expect(throws: SerialError(text, .badAddress(why))) { try SerialAddress(text) }
        }
    }
}
