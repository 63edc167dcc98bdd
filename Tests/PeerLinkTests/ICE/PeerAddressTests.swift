import Testing

@testable import PeerLink

struct PeerAddressTests {
    @Test(
        "addresses are read and written as they are usual",
        arguments: ["192.0.2.1", "255.255.255.255", "2001:db8::7", "::1", "fe80::1"])
    func text(host: String) throws {
        let address = try #require(PeerAddress(host: host, port: 9))
        #expect(address.host == host)
        #expect(address == PeerAddress(bytes: address.bytes, port: 9))
        #expect(PeerAddress(address.socketAddress) == address)
        #expect("\(address)" == (address.isIPv6 ? "[\(host)]:9" : "\(host):9"))
    }

    @Test(
        "names, and what is no address, are not taken",
        arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "a.local", "::1%lo", "1.2.3.4\0", ":::"])
    func others(host: String) {
        #expect(PeerAddress(host: host, port: 9) == nil)
    }

    @Test("what an address is good for")
    func kinds() {
        func kinds(_ host: String) -> [Bool] {
            guard let address = PeerAddress(host: host, port: 1) else { return [] }
            return [address.isLoopback, address.isLinkLocal, address.isWildcard]
        }
        #expect(kinds("127.9.9.9") == [true, false, false])
        #expect(kinds("::1") == [true, false, false])
        #expect(kinds("169.254.1.1") == [false, true, false])
        #expect(kinds("febf::1") == [false, true, false])
        #expect(kinds("fec0::1") == [false, false, false])
        #expect(kinds("0.0.0.0") == [false, false, true])
        #expect(kinds("::") == [false, false, true])
        #expect(kinds("10.0.0.1") == [false, false, false])
    }
}
