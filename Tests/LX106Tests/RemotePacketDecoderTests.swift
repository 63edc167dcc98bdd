import TestSupport
import Testing

@testable import LX106

@Suite struct RemotePacketDecoderTests {
    private typealias Event = RemotePacketDecoder.Event

    private func decode(_ text: String) -> [Event] {
        var decoder = RemotePacketDecoder()
        return decoder.decode(text.utf8)
    }

    @Test("packets are found among acknowledgements and ctrl-C, with either case of their checksum")
    func packets() {
        #expect(
            decode("+$m0,4#FD-\u{03}$#00$g#67")
                == [
                    .acknowledged, .packet(RemotePacket("m0,4")), .refused, .interrupt, .packet(RemotePacket("")),
                    .packet(RemotePacket("g")),
                ])
        #expect(RemotePacket("OK").wire == Array("$OK#9a".utf8))
    }

    @Test("what has a meaning is escaped, and every byte comes through, in whatever pieces")
    func escapes() {
        let packet = RemotePacket(content: Array(0...255))
        #expect(RemotePacket("a}#$*b").wire == Array("$a}]}\u{03}}\u{04}}\u{0A}b#25".utf8))
        var decoder = RemotePacketDecoder()
        #expect(packet.wire.flatMap { decoder.decode([$0]) } == [.packet(packet)])
    }

    @Test("what is malformed is said, and the next packet is read all the same")
    func malformed() {
        let good: Event = .packet(RemotePacket("g"))
        #expect(decode("xyz$g#67") == [.malformed(.garbage), good])
        #expect(decode("x+y$g#67") == [.malformed(.garbage), .acknowledged, .malformed(.garbage), good])
        #expect(decode("$g#68$g#67") == [.malformed(.checksum), good])
        #expect(decode("$g#6g$g#67") == [.malformed(.checksum), good])
        #expect(decode("$m0,$g#67") == [.malformed(.unfinished), good])
        #expect(decode("$m0#$g#67") == [.malformed(.unfinished), good])
    }

    @Test("the longest packet is read, and a longer one is thrown away whole")
    func bounds() {
        let longest = RemotePacket(content: Array(repeating: 0x23, count: RemotePacket.longestContent))
        var decoder = RemotePacketDecoder()
        #expect(decoder.decode(longest.wire) == [.packet(longest)])
        let longer = RemotePacket(content: longest.content + [0x61])
        #expect(
            decoder.decode(longer.wire + RemotePacket("g").wire) == [.malformed(.tooLong), .packet(RemotePacket("g"))])
    }
}
