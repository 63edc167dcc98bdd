import Channels
import Testing

@testable import Hub

/// The signalling server against what PeerJS's server 1.0.2 does, and what this hub adds.
@Suite("Signalling server")
struct SignallingServerTests {
    private var server = SignallingServer()

    // MARK: Connecting

    @Test("A peer with an id, a token and the key is told OPEN, and the server wakes each second while one is there")
    mutating func open() {
        #expect(join(1, "alice") == [.send(id(1), SignallingMessage.open), .wake(at: .seconds(1))])
        #expect(server.on(.wake, at: .seconds(1)) == [.wake(at: .seconds(2))])
        #expect(server.on(.disconnected(id(1)), at: .seconds(1.5)) == [])
        #expect(server.on(.wake, at: .seconds(2)) == [])
    }

    @Test(
        "What lacks something is told so in PeerJS's words, and closed",
        arguments: [
            (SignallingRequest(key: nil, id: "a", token: "t"), SignallingMessage.Refusal.missingParameter),
            (SignallingRequest(key: "peerjs", id: nil, token: "t"), .missingParameter),
            (SignallingRequest(key: "peerjs", id: "a", token: nil), .missingParameter),
            (SignallingRequest(key: "other", id: "a", token: "t"), .wrongKey),
            (SignallingRequest(key: "peerjs", id: "a b-c_d!", token: "t"), .badID),
            (SignallingRequest(key: "peerjs", id: String(repeating: "a", count: 65), token: "t"), .badID),
        ])
    mutating func refusals(request: SignallingRequest, refusal: SignallingMessage.Refusal) {
        #expect(
            server.on(.connected(id(1), request, .everything), at: .zero)
                == [.send(id(1), SignallingMessage.error(refusal)), .close(id(1))])
    }

    @Test("The words of the refusals are those that PeerJS's clients know")
    func words() {
        #expect(
            SignallingMessage.error(.missingParameter)
                == #"{"payload":{"msg":"No id, token, or key supplied to websocket server"},"type":"ERROR"}"#)
        #expect(SignallingMessage.error(.wrongKey) == #"{"payload":{"msg":"Invalid key provided"},"type":"ERROR"}"#)
        #expect(SignallingMessage.idTaken == #"{"payload":{"msg":"ID is taken"},"type":"ID-TAKEN"}"#)
        #expect(SignallingMessage.open == #"{"type":"OPEN"}"#)
    }

    @Test(
        "Nobody is what the rights do not allow",
        arguments: [
            (PeerRights?.none, "alice"), (.watching(5), "unit-5"), (.watching(5), "unit-x"), (.watching(nil), "unit-5"),
            (.devices, "alice"), (.devices, "unit-05"), (.everything, "unit-x"),
        ])
    mutating func rights(rights: PeerRights?, name: String) {
        #expect(
            join(1, name, rights) == [.send(id(1), SignallingMessage.error(.wrongToken)), .close(id(1))])
    }

    @Test(
        "An id that somebody with another token has is taken; the same token replaces the socket without a second OPEN")
    mutating func takenAndReplaced() {
        _ = join(1, "alice")
        #expect(join(2, "alice", token: "other") == [.send(id(2), SignallingMessage.idTaken), .close(id(2))])
        #expect(join(3, "alice") == [.close(id(1))])
        #expect(server.on(.disconnected(id(1)), at: .zero) == [])
        _ = join(4, "bob")
        #expect(
            say(4, #"{"type":"OFFER","dst":"alice","payload":1}"#)
                == [
                    .pass(
                        id(3), #"{"dst":"alice","payload":1,"src":"bob","type":"OFFER"}"#, from: id(4),
                        expired: #"{"dst":"bob","src":"alice","type":"EXPIRE"}"#)
                ])
    }

    @Test("Beyond the limit of peers a new one is refused, one that is there may come again")
    mutating func full() {
        var limits = SignallingServer.Limits()
        limits.peers = 1
        server = SignallingServer(limits: limits)
        _ = join(1, "alice")
        #expect(join(2, "bob") == [.send(id(2), SignallingMessage.error(.full)), .close(id(2))])
        #expect(join(3, "alice") == [.close(id(1))])
        #expect(SignallingServer.Limits().peers == 5000)
    }

    @Test("Who is silent for a minute is closed; a heartbeat is not answered and keeps the connection")
    mutating func heartbeat() {
        _ = join(1, "alice")
        _ = join(2, "bob")
        #expect(say(1, #"{"type":"HEARTBEAT"}"#, at: .seconds(30)) == [])
        #expect(server.on(.wake, at: .seconds(59)) == [.wake(at: .seconds(60))])
        #expect(server.on(.wake, at: .seconds(60)) == [.close(id(2)), .wake(at: .seconds(61))])
        #expect(server.on(.wake, at: .seconds(90)) == [.close(id(1))])
    }

    // MARK: Relaying

    @Test(
        "Offers, answers, candidates, LEAVE and EXPIRE are passed on with the true sender, nothing else of them",
        arguments: ["OFFER", "ANSWER", "CANDIDATE", "LEAVE", "EXPIRE"])
    mutating func passed(kind: String) {
        _ = join(1, "alice")
        _ = join(2, "bob")
        let text = #"{"type":"\#(kind)","src":"mallory","dst":"bob","payload":{"sdp":"v=0\r\n","n":1.50},"more":1}"#
        let expected = #"{"dst":"bob","payload":{"n":1.50,"sdp":"v=0\r\n"},"src":"alice","type":"\#(kind)"}"#
        let expire = ["OFFER", "ANSWER"].contains(kind) ? #"{"dst":"alice","src":"bob","type":"EXPIRE"}"# : nil
        #expect(say(1, text) == [.pass(id(2), expected, from: id(1), expired: expire)])
    }

    @Test(
        "What is no message is ignored",
        arguments: [
            "", "{", "[]", "7", #"{"type":"NONSENSE","dst":"bob"}"#, #"{"type":"OFFER"}"#, #"{"type":"OFFER","dst":7}"#,
            #"{"type":"OFFER","dst":"a b!"}"#, #"{"type":"OPEN","dst":"bob"}"#,
            #"{"type":"PRESENCE","dst":"bob","payload":{}}"#,
            #"{"type":"OFFER","dst":"bob","payload":\#(String(repeating: "[", count: 20) + String(repeating: "]", count: 20))}"#,
        ])
    mutating func ignored(text: String) {
        _ = join(1, "alice")
        _ = join(2, "bob")
        #expect(say(1, text) == [])
    }

    @Test("LEAVE for nobody ends the sender's own connection")
    mutating func leave() {
        _ = join(1, "alice")
        #expect(say(1, #"{"type":"LEAVE"}"#) == [.close(id(1))])
        #expect(join(2, "alice", token: "other") == [.send(id(2), SignallingMessage.open)])
    }

    @Test("What is for somebody absent waits 5 s and is delivered in order when that one comes")
    mutating func queued() {
        _ = join(1, "alice")
        #expect(say(1, #"{"type":"OFFER","dst":"bob"}"#) == [])
        #expect(say(1, #"{"type":"CANDIDATE","dst":"bob","payload":1}"#) == [])
        #expect(
            join(2, "bob", at: .seconds(4)) == [
                .send(id(2), SignallingMessage.open),
                .pass(
                    id(2), #"{"dst":"bob","src":"alice","type":"OFFER"}"#, from: id(1),
                    expired: #"{"dst":"alice","src":"bob","type":"EXPIRE"}"#),
                .pass(
                    id(2), #"{"dst":"bob","payload":1,"src":"alice","type":"CANDIDATE"}"#, from: id(1), expired: nil),
            ])
        #expect(server.on(.wake, at: .seconds(6)) == [.wake(at: .seconds(7))])
    }

    @Test("After 5 s each sender is told once that the destination did not come; LEAVE and EXPIRE do not wait")
    mutating func expired() {
        _ = join(1, "alice")
        _ = join(2, "carol")
        for kind in ["OFFER", "CANDIDATE", "LEAVE", "EXPIRE"] {
            #expect(say(1, #"{"type":"\#(kind)","dst":"bob"}"#) == [])
        }
        #expect(say(2, #"{"type":"OFFER","dst":"bob"}"#, at: .seconds(2)) == [])
        #expect(server.on(.wake, at: .seconds(4.9)) == [.wake(at: .seconds(5.9))])
        #expect(
            server.on(.wake, at: .seconds(5)) == [
                .send(id(1), #"{"dst":"alice","src":"bob","type":"EXPIRE"}"#),
                .send(id(2), #"{"dst":"carol","src":"bob","type":"EXPIRE"}"#),
                .wake(at: .seconds(6)),
            ])
    }

    @Test("A queue that is full, in messages or in bytes, says EXPIRE at once")
    mutating func fullQueue() {
        var limits = SignallingServer.Limits()
        limits.queuedMessages = 2
        server = SignallingServer(limits: limits)
        _ = join(1, "alice")
        let offer = #"{"type":"OFFER","dst":"bob"}"#
        let expire = SignallingServer.Action.send(id(1), #"{"dst":"alice","src":"bob","type":"EXPIRE"}"#)
        #expect([say(1, offer), say(1, offer), say(1, offer)] == [[], [], [expire]])
        limits = SignallingServer.Limits()
        limits.queuedBytes = 60
        server = SignallingServer(limits: limits)
        _ = join(1, "alice")
        #expect([say(1, offer), say(1, offer)] == [[], [expire]])
        _ = server.on(.wake, at: .seconds(5))
        #expect(say(1, offer, at: .seconds(6)) == [])
    }

    @Test(
        "One peer alone cannot fill what waits for others; what it has no room for any more it has when its own has gone"
    )
    mutating func fullOfOnePeer() {
        var limits = SignallingServer.Limits()
        limits.queuedBytesOfPeer = 60
        server = SignallingServer(limits: limits)
        _ = join(1, "alice")
        _ = join(2, "carol")
        let offer = #"{"type":"OFFER","dst":"bob"}"#
        let expire = SignallingServer.Action.send(id(1), #"{"dst":"alice","src":"dave","type":"EXPIRE"}"#)
        #expect(say(1, offer) == [])
        #expect(say(1, #"{"type":"OFFER","dst":"dave"}"#) == [expire])
        #expect(say(2, #"{"type":"OFFER","dst":"dave"}"#) == [])
        #expect(join(3, "bob").count == 2)
        #expect(say(1, #"{"type":"OFFER","dst":"dave"}"#) == [])
    }

    @Test("More messages in a second than the limit end the connection")
    mutating func tooMany() {
        var limits = SignallingServer.Limits()
        limits.messagesPerSecond = 2
        server = SignallingServer(limits: limits)
        _ = join(1, "alice")
        #expect(say(1, "x") + say(1, "x") + say(1, "x", at: .seconds(1)) == [])
        #expect(say(1, "x", at: .seconds(1)) == [])
        #expect(
            say(1, "x", at: .seconds(1)) == [.send(id(1), SignallingMessage.error(.tooManyMessages)), .close(id(1))])
    }

    @Test("At the end everybody is closed")
    mutating func stop() {
        _ = join(1, "alice")
        _ = join(2, "bob")
        #expect(server.on(.stop, at: .zero) == [.close(id(1)), .close(id(2))])
    }

    private func id(_ number: UInt64) -> SignallingServer.ConnectionID { .init(number: number) }

    private mutating func join(
        _ number: UInt64, _ name: String, _ rights: PeerRights? = .everything, token: String = "t",
        at now: Duration = .zero
    ) -> [SignallingServer.Action] {
        server.on(.connected(id(number), .init(key: "peerjs", id: name, token: token), rights), at: now)
    }

    private mutating func say(
        _ number: UInt64, _ text: String, at now: Duration = .zero
    ) -> [SignallingServer.Action] {
        server.on(.received(id(number), text: text), at: now)
    }
}
