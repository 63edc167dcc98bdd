import Foundation
import TestSupport
import Testing

/// Independent peers, each as offerer and as answerer, in a network of their own.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct PeerComparisonTests {
    private func steps(_ script: String, _ arguments: String...) async throws -> [String] {
        let probe = try BuiltCommand.executable("PeerProbe").path
        return try await PythonPeer.run(script, [probe] + arguments).map { line in
            String(line.trimmingPrefix(#"{"step": "#).dropLast()).replacing(#", "result":"#, with: "")
        }
    }

    private static let channels =
        #""channels" [["echo", "test", true, "reliable"], ["echo lossy", "", false, "retransmissions(0)"], "#
        + #"["echo timed", "", false, "lifetime(milliseconds: 500)"]]"#

    @Test("aiortc offers: channels of all kinds, both ways, a thousand messages in order, and the end is told")
    func aiortcOffers() async throws {
        #expect(
            try await steps("peerlink_aiortc.py", "offers") == [
                #""connected" true"#, Self.channels, #""echo" 1000"#, #""kinds" 6"#, #""lossy channels" true"#,
                #""a channel of the other side" "hello""#, #""channel closed" true"#, #""closed" "closed by the peer""#,
            ])
    }

    @Test("aiortc answers: it sees each channel as it was opened, and gets a thousand messages in order")
    func aiortcAnswers() async throws {
        #expect(
            try await steps("peerlink_aiortc.py", "answers") == [
                #""connected" true"#,
                #""channels" [["count", true, null, null], ["echo", true, null, null], ["echo lossy", false, 0, null], "#
                    + #"["echo timed", false, null, 500]]"#, #""echo" 1000"#, #""kinds" 6"#,
                #""lossy channels" true"#, #""flood" 1000"#, #""closed" "closed here""#,
            ])
    }

    @Test("a peer that says what the protocol has not is counted, and closed when it goes on")
    func aiortcViolates() async throws {
        #expect(
            try await steps("peerlink_aiortc.py", "violates") == [
                #""echo" "still here""#, #""counted" 9"#, #""closed" "the peer breaks the protocol""#,
            ])
    }

    @Test("libdatachannel offers")
    func libdatachannelOffers() async throws {
        #expect(
            try await steps("peerlink_libdatachannel.py", "offers") == [
                #""connected" true"#, #""echo" 1000"#, #""kinds" 4"#, #""a channel of the other side" "hello""#,
                #""channel closed" true"#, #""closed" "closed by the peer""#,
            ])
    }

    @Test("libdatachannel answers")
    func libdatachannelAnswers() async throws {
        #expect(
            try await steps("peerlink_libdatachannel.py", "answers") == [
                #""connected" true"#, #""echo" 1000"#, #""kinds" 4"#, #""lossy channels" "through""#,
                #""flood" 1000"#, #""closed" "closed here""#,
            ])
    }

    @Test("Chromium offers: channels of all kinds, both ways, a thousand messages in order, and the end is told")
    func chromiumOffers() async throws {
        #expect(
            try await steps("peerlink_chromium.py", "offers") == [
                #""connected" true"#, Self.channels, #""echo" 1000"#, #""kinds" 6"#,
                #""lossy channels" ["through", "through"]"#, #""a channel of the other side" "hello""#,
                #""channel closed" true"#, #""closed" "closed by the peer""#,
            ])
    }

    @Test("Chromium answers")
    func chromiumAnswers() async throws {
        #expect(
            try await steps("peerlink_chromium.py", "answers") == [
                #""connected" true"#, #""echo" 1000"#, #""kinds" 6"#, #""lossy channels" ["through"]"#,
                #""closed" "closed here""#,
            ])
    }

    @Test("Chromium is killed: that is noticed within 30 s, and counted")
    func chromiumVanishes() async throws {
        #expect(
            try await steps("peerlink_chromium.py", "vanishes") == [
                #""connected" true"#, #""noticed" ["the peer has been silent for 25 s", true]"#, #""counted" 1"#,
            ])
    }

    @Test(
        "datagrams are lost by seed, either way: no message of a reliable channel is",
        arguments: ["peerlink_aiortc.py", "peerlink_chromium.py"], [5, 20])
    func loss(script: String, percent: Int) async throws {
        #expect(
            try await steps(script, "echoes", "--loss", "\(percent)", "--seed", "7") == [
                #""connected" true"#, #""echo" 200"#, #""closed" "closed here""#,
            ])
    }
}
