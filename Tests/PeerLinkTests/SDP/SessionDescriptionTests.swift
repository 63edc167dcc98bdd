import TestSupport
import Testing

@testable import PeerLink

struct SessionDescriptionTests {
    private static let digest = Array(repeating: "AB", count: 32).joined(separator: ":")

    /// An offer as browsers write it, with what is of no use here among it.
    private static func offer(_ change: (inout [String]) -> Void = { _ in }) -> String {
        var lines = [
            "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE data",
            "a=extmap-allow-mixed", "a=msid-semantic: WMS", "m=application 51813 UDP/DTLS/SCTP webrtc-datachannel",
            "c=IN IP4 192.0.2.7",
            "a=candidate:1 1 udp 2113937151 b1d2c3a4-0000-4000-8000-1234567890ab.local 51813 typ host generation 0",
            "a=candidate:2 1 udp 2113937150 192.0.2.7 51813 typ host generation 0 network-cost 999",
            "a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active",
            "a=candidate:4 1 udp 1677729535 2001:db8::7 40000 typ srflx raddr 0.0.0.0 rport 0",
            "a=ice-ufrag:EsAw", "a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y", "a=ice-options:trickle",
            "a=fingerprint:sha-1 00:11", "a=fingerprint:sha-256 \(digest.lowercased())", "a=setup:actpass",
            "a=mid:data", "a=sctp-port:5001", "a=max-message-size:262144",
        ]
        change(&lines)
        return lines.map { $0 + "\r\n" }.joined()
    }

    private func refusal(_ text: String) -> String {
        do {
            _ = try SessionDescription(parsing: text)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    private func refusal(without prefix: String) -> String {
        refusal(Self.offer { $0.removeAll { $0.hasPrefix(prefix) } })
    }

    @Test("an offer is understood; candidates with names and over TCP are left out")
    func browser() throws {
        let description = try SessionDescription(parsing: Self.offer())
        var second = IceCandidate(
            .host, try #require(PeerAddress(host: "192.0.2.7", port: 51813)), preference: 0)
        (second.foundation, second.priority) = ("2", 2_113_937_150)
        var fourth = IceCandidate(
            .serverReflexive, try #require(PeerAddress(host: "2001:db8::7", port: 40000)), preference: 0)
        (fourth.foundation, fourth.priority) = ("4", 1_677_729_535)
        #expect(
            description
                == SessionDescription(
                    mid: "data",
                    credentials: try #require(
                        IceCredentials(ufrag: "EsAw", password: "bP+XJMM09aR8AiX1jdukzR6Y")),
                    isLite: false,
                    fingerprints: [
                        try #require(CertificateFingerprint(bytes: [UInt8](repeating: 0xAB, count: 32)))
                    ],
                    setup: .actpass, sctpPort: 5001, maxMessageSize: 262144, candidates: [second, fourth]))
    }

    @Test("what is written is what is read")
    func roundTrip() throws {
        var description = try SessionDescription(parsing: Self.offer())
        description.isLite = true
        description.setup = .passive
        #expect(try SessionDescription(parsing: description.text(session: 7)) == description)
        #expect(
            description.text(session: 7).split(separator: "\r\n") == [
                "v=0", "o=- 3 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE data", "a=ice-lite",
                "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:data", "a=sendrecv",
                "a=ice-ufrag:EsAw", "a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y", "a=fingerprint:sha-256 \(Self.digest)",
                "a=setup:passive", "a=sctp-port:5001", "a=max-message-size:262144",
                "a=candidate:2 1 udp 2113937150 192.0.2.7 51813 typ host",
                "a=candidate:4 1 udp 1677729535 2001:db8::7 40000 typ srflx", "a=end-of-candidates",
            ])
    }

    @Test("what is missing is named")
    func missing() {
        #expect(refusal(without: "a=ice-ufrag") == "the session description has no ice-ufrag")
        #expect(refusal(without: "a=ice-pwd") == "the session description has no ice-pwd")
        #expect(refusal(without: "a=fingerprint") == "the session description has no fingerprint")
        #expect(refusal(without: "a=setup") == "the session description has no setup")
        #expect(
            refusal(without: "a=fingerprint:sha-256")
                == "the session description has no sha-256 fingerprint; that is the one which is compared")
        #expect(refusal(without: "m=").hasPrefix("the session description has no section \"application"))
    }

    @Test("media, several sections, bad values and what is no description are refused, with the line")
    func refused() {
        #expect(
            refusal(Self.offer { $0.append("m=audio 9 UDP/TLS/RTP/SAVPF 111") })
                == "the session description has a section \"audio\"; offer a data channel alone, without audio or video"
        )
        #expect(
            refusal(Self.offer { $0.append("m=application 9 UDP/DTLS/SCTP webrtc-datachannel") })
                == "the session description has several sections for data channels; one is taken")
        #expect(
            refusal(Self.offer { $0[19] = "a=sctp-port:0" })
                == "line 20 of the session description: sctp-port has no valid value")
        #expect(
            refusal(Self.offer { $0[9] = "a=candidate:1 1 udp" })
                == "line 10 of the session description: candidate has no valid value")
        #expect(
            refusal("{\"type\": \"offer\"}") == "line 1 of the session description is not of the form x=value")
        #expect(
            refusal("")
                == "the session description has no section \"application … UDP/DTLS/SCTP webrtc-datachannel\"; make a data channel before the offer"
        )
        #expect(
            refusal(String(repeating: "a", count: 20_000))
                == "the session description has 20000 bytes; at most 16384 are taken")
        #expect(
            refusal(Self.offer { $0 += Array(repeating: $0[10], count: 40) })
                == "the session description has more than 32 candidates")
    }

    @Test("descriptions that are cut off or have bytes changed are refused or understood, and never crash")
    func damage() {
        let bytes = Array(Self.offer().utf8)
        for count in 0..<bytes.count {
            _ = try? SessionDescription(parsing: String(decoding: bytes.prefix(count), as: UTF8.self))
        }
        var random = SeededRandom(seed: 5)
        for _ in 0..<2000 {
            var changed = bytes
            for _ in 0..<3 {
                changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let description = try? SessionDescription(parsing: String(decoding: changed, as: UTF8.self)) else {
                continue
            }
            // What is understood can be said again.
            #expect((try? SessionDescription(parsing: description.text(session: 1))) != nil)
        }
    }
}
