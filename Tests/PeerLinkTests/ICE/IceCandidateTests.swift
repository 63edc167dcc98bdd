import Testing

@testable import PeerLink

struct IceCandidateTests {
    @Test("a candidate is read as it is written, with or without its name in front, whatever follows")
    func text() throws {
        let base = try #require(PeerAddress(host: "10.0.0.1", port: 4000))
        let outside = try #require(PeerAddress(host: "198.51.100.7", port: 4321))
        let candidate = IceCandidate(.serverReflexive, outside, preference: 65535, base: base)
        #expect(
            candidate.text == "candidate:srflx0 1 udp 1694498815 198.51.100.7 4321 typ srflx raddr 10.0.0.1 rport 4000")
        var read = candidate
        read.base = nil
        for text in [candidate.text, String(candidate.text.dropFirst(10)), candidate.text + " generation 0 ufrag abcd"]
        {
            #expect(IceCandidate.parse(text) == .usable(read))
        }
        #expect(IceCandidate(.host, base, preference: 65535).priority == 2_130_706_431)
    }

    @Test(
        "what cannot be used is ignored",
        arguments: [
            "1 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active", "1 2 udp 1 192.0.2.7 9 typ host",
            "1 1 udp 1 b1d2c3a4-0000-4000-8000-1234567890ab.local 9 typ host", "1 1 udp 1 192.0.2.7 9 typ other",
            "1 1 udp 1 192.0.2.7 0 typ host", "1 1 udp 1 0.0.0.0 9 typ host",
        ])
    func ignored(text: String) {
        #expect(IceCandidate.parse(text) == .ignored)
    }

    @Test(
        "what is no candidate is refused",
        arguments: [
            "", "candidate:", "1 1 udp 1 192.0.2.7 9 typ", "1 1 udp 1 192.0.2.7 9 kind host",
            "1 1 udp 4294967296 192.0.2.7 9 typ host", "1 1 udp 1 192.0.2.7 65536 typ host",
            "1 x udp 1 192.0.2.7 9 typ host",
        ])
    func refused(text: String) {
        #expect(IceCandidate.parse(text) == nil)
    }
}
