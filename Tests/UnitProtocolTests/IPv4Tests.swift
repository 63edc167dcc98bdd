import Testing
import UnitProtocol

@Suite struct IPv4Tests {
    @Test(
        "addresses are read and written back", arguments: ["0.0.0.0", "127.0.1.1", "192.168.1.20", "255.255.255.255"])
    func roundTrip(text: String) throws {
        #expect(try IPv4Address(text).description == text)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "1.2.3.4 ", "localhost", "1..2.3", "::1",
            "٣.1.1.1",
        ])
    func refused(text: String) {
        #expect(throws: AddressError.notAnAddress(text)) { try IPv4Address(text) }
    }

    @Test("a network holds its addresses and no other")
    func network() throws {
        let network = try IPv4Network("192.168.4.0/22")
        #expect(network.count == 1024)
        #expect(network.contains(try IPv4Address("192.168.7.255")))
        #expect(!network.contains(try IPv4Address("192.168.8.0")))
        #expect(try IPv4Network("0.0.0.0/0").contains(try IPv4Address("8.8.8.8")))
        #expect(try IPv4Network("10.0.0.1").description == "10.0.0.1/32")
    }

    @Test("host bits and nonsense are refused in words")
    func badNetworks() {
        #expect(throws: AddressError.hostBitsSet("10.0.0.1/8", network: "10.0.0.0/8")) { try IPv4Network("10.0.0.1/8") }
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "/8", "10.0.0.0/8/8"] {
            #expect(throws: AddressError.notANetwork(text)) { try IPv4Network(text) }
        }
        #expect(
            AddressError.hostBitsSet("10.0.0.1/8", network: "10.0.0.0/8").description
                == "\"10.0.0.1/8\" has bits set beyond its prefix; did you mean 10.0.0.0/8?")
    }
}
