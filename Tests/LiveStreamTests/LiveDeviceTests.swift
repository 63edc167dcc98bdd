import Channels
import Testing

@testable import LiveStream

/// The device's decisions, on a clock of the test's own.
struct LiveDeviceTests {
    private var device = LiveDevice { 1 }
    private let open = #"{"type":"OPEN"}"#

    private func offer(_ id: String, _ sdp: String = "v=0", connection: String = "c1") -> String {
        #"{"type":"OFFER","src":"\#(id)","payload":{"sdp":{"type":"offer","sdp":"\#(sdp)"},"type":"data","connectionId":"\#(connection)"}}"#
    }

    private mutating func opened() {
        _ = device.on(.start, at: .zero)
        _ = device.on(.received(open), at: .zero)
    }

    private func presence(_ id: String, _ state: String) -> String {
        #"{"type":"PRESENCE","payload":{"id":"\#(id)","state":"\#(state)"}}"#
    }

    /// By id, in the order in which they came.
    private var states: [String] { device.clients.map { "\($0.id) \($0.state.rawValue)" } }

    @Test("it connects, is greeted, and shows every 5 s that it lives")
    mutating func heartbeat() {
        #expect(device.on(.start, at: .zero) == [.phase(.connecting), .connect, .wake(at: .seconds(10))])
        #expect(device.on(.received(open), at: .seconds(1)) == [.phase(.open), .wake(at: .seconds(6))])
        #expect(device.on(.wake, at: .seconds(6)) == [.send(#"{"type":"HEARTBEAT"}"#), .wake(at: .seconds(11))])
    }

    @Test(
        "a hub that does not greet within 10 s is left; the pauses double up to 30 s, and begin anew after a greeting")
    mutating func pauses() {
        _ = device.on(.start, at: .zero)
        var now = Duration.seconds(10)
        #expect(
            device.on(.wake, at: now) == [
                .disconnect, .phase(.waiting(why: "the hub did not greet within 10.0 seconds", again: .seconds(1))),
                .wake(at: .seconds(11)),
            ])
        var pauses: [Duration] = []
        for _ in 0..<6 {
            now += .seconds(100)
            #expect(device.on(.wake, at: now).contains(.connect))
            guard case .phase(.waiting(_, let pause))? = device.on(.lost(why: "gone"), at: now).first else { continue }
            pauses.append(pause)
        }
        #expect(pauses == [2, 4, 8, 16, 30, 30].map(Duration.seconds))
        _ = device.on(.wake, at: now + .seconds(31))
        _ = device.on(.received(open), at: now + .seconds(31))
        #expect(
            device.on(.lost(why: "gone"), at: now + .seconds(32)).first
                == .phase(.waiting(why: "gone", again: .seconds(1))))
    }

    @Test(
        "where the hub refuses it, that is told, and tried again",
        arguments: [
            (#"{"type":"ID-TAKEN"}"#, "another page or program streams as this device already"),
            (#"{"type":"ERROR","payload":{"msg":"Invalid token provided"}}"#, "the hub says: Invalid token provided"),
            (#"{"type":"ERROR"}"#, "the hub says: it says no more"),
        ])
    mutating func refused(text: String, why: String) {
        _ = device.on(.start, at: .zero)
        #expect(
            device.on(.received(text), at: .seconds(1)) == [
                .disconnect, .phase(.refused(why: why, again: .seconds(1))), .wake(at: .seconds(2)),
            ])
        // The connection's end that follows is no news.
        #expect(device.on(.lost(why: "closed"), at: .seconds(1)) == [])
        #expect(device.on(.wake, at: .seconds(2)).contains(.connect))
    }

    @Test("an offer is answered, and the client is direct when its channel is open")
    mutating func direct() {
        opened()
        #expect(
            device.on(.received(offer("ann")), at: .seconds(1)) == [
                .hangUp(client: "ann"),
                .answer(client: "ann", attempt: 1, .init(description: "v=0", connection: "c1")), .clientsChanged,
            ])
        #expect(
            device.on(
                .answered(client: "ann", attempt: 1, description: "v=1", connection: "c1"), at: .seconds(1)) == [
                    .send(
                        #"{"dst":"ann","payload":{"connectionId":"c1","sdp":{"sdp":"v=1","type":"answer"},"type":"data"},"type":"ANSWER"}"#
                    )
                ])
        #expect(states == ["ann connecting"])
        #expect(device.on(.channelOpened(client: "ann", attempt: 1), at: .seconds(2)) == [.clientsChanged])
        #expect(states == ["ann direct"])
    }

    @Test("a second offer takes the place of the first, of which nothing more is heard")
    mutating func secondOffer() {
        opened()
        _ = device.on(.received(offer("ann")), at: .seconds(1))
        _ = device.on(.received(offer("ann", connection: "c2")), at: .seconds(2))
        for late in [
            LiveDevice.Input.answered(client: "ann", attempt: 1, description: "v=1", connection: "c1"),
            .notAnswered(client: "ann", attempt: 1), .channelOpened(client: "ann", attempt: 1),
            .connectionClosed(client: "ann", attempt: 1), .heard(client: "ann", attempt: 1),
        ] {
            #expect(device.on(late, at: .seconds(3)) == [])
        }
        #expect(states == ["ann connecting"])
    }

    @Test("a client whose connection ends, or does not come about in 20 s, is gone, and listed for 8 s more")
    mutating func gone() {
        opened()
        _ = device.on(.received(offer("ann")), at: .seconds(1))
        _ = device.on(.received(offer("bob")), at: .seconds(2))
        _ = device.on(.channelOpened(client: "ann", attempt: 1), at: .seconds(2))
        #expect(
            device.on(.connectionClosed(client: "ann", attempt: 1), at: .seconds(3))
                == [.hangUp(client: "ann"), .clientsChanged])
        #expect(states == ["ann gone", "bob connecting"])
        _ = device.on(.wake, at: .seconds(11))
        #expect(states == ["bob connecting"])
        #expect(device.on(.wake, at: .seconds(22)).contains(.hangUp(client: "bob")))
        #expect(states == ["bob gone"])
    }

    @Test("one that the hub has lost stays where it is heard of within 3 s, and goes where it is not")
    mutating func lostByTheHub() {
        opened()
        for name in ["ann", "bob", "eve"] {
            _ = device.on(.received(offer(name)), at: .seconds(1))
            _ = device.on(.channelOpened(client: name, attempt: 1), at: .seconds(1))
            _ = device.on(.received(presence(name, "left")), at: .seconds(10))
        }
        _ = device.on(.heard(client: "ann", attempt: 1), at: .seconds(11))
        _ = device.on(.received(presence("eve", "joined")), at: .seconds(12))
        _ = device.on(.wake, at: .seconds(13))
        #expect(states == ["ann direct", "bob gone", "eve direct"])
        _ = device.on(.wake, at: .seconds(300))
        #expect(states == ["ann direct", "eve direct"])
    }

    @Test("what is heard of an earlier connection does not keep the present one")
    mutating func heardOfAnEarlierOne() {
        opened()
        for attempt in 1...2 {
            _ = device.on(.received(offer("ann")), at: .seconds(attempt))
            _ = device.on(.channelOpened(client: "ann", attempt: attempt), at: .seconds(attempt))
        }
        _ = device.on(.received(presence("ann", "left")), at: .seconds(10))
        _ = device.on(.heard(client: "ann", attempt: 1), at: .seconds(11))
        _ = device.on(.wake, at: .seconds(13))
        #expect(states == ["ann gone"])
    }

    @Test("who asks gets the stream through the hub, and is gone when it has not asked for 5 s")
    mutating func relayed() {
        opened()
        let ping = #"{"type":"RELAY","src":"ann","payload":{"type":"ping","at":7}}"#
        #expect(
            device.on(.received(ping), at: .seconds(1)) == [
                .hangUp(client: "ann"), .clientsChanged,
                .relayed(client: "ann", ["type": "ping", "at": 7]),
            ])
        #expect(
            device.on(.received(ping), at: .seconds(4)) == [.relayed(client: "ann", ["type": "ping", "at": 7])])
        _ = device.on(.wake, at: .seconds(8))
        #expect(states == ["ann relayed"])
        _ = device.on(.wake, at: .seconds(9))
        #expect(states == ["ann gone"])
    }

    @Test("when the hub is lost direct clients stay, the others are gone")
    mutating func hubLost() {
        opened()
        _ = device.on(.received(offer("ann")), at: .seconds(1))
        _ = device.on(.channelOpened(client: "ann", attempt: 1), at: .seconds(1))
        _ = device.on(.received(#"{"type":"RELAY","src":"bob","payload":{"type":"ping","at":7}}"#), at: .seconds(1))
        _ = device.on(.received(presence("eve", "joined")), at: .seconds(1))
        let actions = device.on(.lost(why: "cut"), at: .seconds(2))
        #expect(actions.contains(.hangUp(client: "bob")) && !actions.contains(.hangUp(client: "ann")))
        #expect(states == ["ann direct", "bob gone", "eve gone"])
        // Nothing is sent to a hub that is not there.
        #expect(
            device.on(.answered(client: "ann", attempt: 1, description: "v=1", connection: "c"), at: .seconds(2)) == [])
    }

    @Test("one that says LEAVE is gone at once; when it joins again it is there, and stays")
    mutating func comesBack() {
        opened()
        _ = device.on(.received(offer("ann")), at: .seconds(1))
        _ = device.on(.channelOpened(client: "ann", attempt: 1), at: .seconds(1))
        #expect(
            device.on(.received(#"{"type":"LEAVE","src":"ann"}"#), at: .seconds(2))
                == [.hangUp(client: "ann"), .clientsChanged])
        #expect(states == ["ann gone"])
        #expect(device.on(.received(#"{"type":"LEAVE","src":"ann"}"#), at: .seconds(3)) == [])
        #expect(device.on(.received(presence("ann", "joined")), at: .seconds(4)) == [.clientsChanged])
        _ = device.on(.wake, at: .seconds(100))
        #expect(states == ["ann waiting"])
        #expect(
            device.on(.received(presence("ann", "left")), at: .seconds(101)).contains(.hangUp(client: "ann")))
        #expect(states == ["ann gone"])
    }

    @Test("between two attempts nothing that the last connection still says is heard")
    mutating func between() {
        opened()
        _ = device.on(.lost(why: "cut"), at: .seconds(1))
        for late in [open, offer("ann"), presence("ann", "joined"), #"{"type":"ID-TAKEN"}"#] {
            #expect(device.on(.received(late), at: .seconds(1)) == [])
        }
    }

    @Test("chance makes a pause shorter, by half of it at most")
    mutating func chance() {
        device = LiveDevice { 0 }
        opened()
        #expect(
            device.on(.lost(why: "cut"), at: .seconds(1)).first
                == .phase(.waiting(why: "cut", again: .milliseconds(500))))
    }

    @Test("when the hub throws it out, those who were waiting or relayed are gone too")
    mutating func thrownOut() {
        opened()
        _ = device.on(.received(offer("ann")), at: .seconds(1))
        _ = device.on(.channelOpened(client: "ann", attempt: 1), at: .seconds(1))
        _ = device.on(.received(#"{"type":"RELAY","src":"bob","payload":{"type":"ping","at":7}}"#), at: .seconds(1))
        _ = device.on(.received(presence("eve", "joined")), at: .seconds(1))
        let actions = device.on(
            .received(#"{"type":"ERROR","payload":{"msg":"Too many messages"}}"#), at: .seconds(2))
        #expect(actions.contains(.hangUp(client: "bob")) && actions.contains(.clientsChanged))
        #expect(states == ["ann direct", "bob gone", "eve gone"])
    }

    @Test("one client that asks without end is answered five times, then twice a second, and keeps nobody else from it")
    mutating func asksWithoutEnd() {
        opened()
        func ping(_ name: String) -> LiveDevice.Input {
            .received(#"{"type":"RELAY","src":"\#(name)","payload":{"type":"ping","at":7}}"#)
        }
        let payload: JSONValue = ["type": "ping", "at": 7]
        var answers = 0
        for step in 0..<3990 {
            let actions = device.on(ping("mad"), at: .milliseconds(step * 10) / 4)
            answers += actions.count { $0 == .relayed(client: "mad", payload) }
        }
        #expect(answers == 5 + 19)
        #expect(device.on(ping("ann"), at: .seconds(10)).contains(.relayed(client: "ann", payload)))
        // One that is relayed and asks too often stays all the same.
        #expect(states == ["mad relayed", "ann relayed"])
        let offers = (0..<100).count { _ in
            device.on(.received(offer("odd")), at: .seconds(11)).contains(.clientsChanged)
        }
        #expect(offers == 5)
    }

    @Test("however many ask, all together are answered fewer things a second than the hub takes")
    mutating func allAskAtOnce() {
        opened()
        var most = 0
        for second in 1...3 {
            var said = 0
            for number in 0..<499 {
                let ping = #"{"type":"RELAY","src":"a\#(number)","payload":{"type":"ping","at":7}}"#
                let now = Duration.seconds(second) + .milliseconds(number * 2)
                for action in device.on(.received(ping), at: now) {
                    if case .relayed = action { said += 1 }
                }
                let control = LiveDevice.Input.received(#"{"type":"CONTROL","src":"c","payload":{"type":"control"}}"#)
                said += device.on(control, at: now).count { $0 == .control(from: "c", ["type": "control"]) }
            }
            most = max(most, said)
        }
        // The stream itself is 50 a second; the hub's limit is 400.
        #expect(most > 200 && most < 300)
        #expect(device.clients.count == 499 && states.allSatisfy { $0.hasSuffix("relayed") })
    }

    @Test("more than 50 are not answered; more than 500 are not listed, unless somebody has gone")
    mutating func limits() {
        opened()
        for number in 0..<60 {
            let answered = device.on(.received(offer("a\(number)")), at: .seconds(1)).count == 3
            #expect(answered == (number < 50))
        }
        // One that has a place may try again.
        #expect(device.on(.received(offer("a7")), at: .seconds(1)).count == 3)
        for number in 0..<600 { _ = device.on(.received(presence("b\(number)", "joined")), at: .seconds(1)) }
        #expect(device.clients.count == 500)
        _ = device.on(.received(presence("b0", "left")), at: .seconds(2))
        _ = device.on(.received(presence("late", "joined")), at: .seconds(2))
        #expect(device.clients.count == 500 && device.clients.last?.id == "late")
    }

    @Test("stopped, it hangs up and says nothing more")
    mutating func stop() {
        opened()
        _ = device.on(.received(offer("ann")), at: .seconds(1))
        #expect(
            device.on(.stop, at: .seconds(2)) == [
                .hangUp(client: "ann"), .disconnect, .clientsChanged, .phase(.stopped),
            ])
        for late in [
            LiveDevice.Input.lost(why: "closed"), .received(offer("bob")), .wake,
            .channelOpened(client: "ann", attempt: 1),
        ] {
            #expect(device.on(late, at: .seconds(3)) == [])
        }
    }

    @Test("what is no message for a device changes nothing, whatever it is")
    mutating func garbage() {
        opened()
        let texts = [
            "", "{", "[]", "null", #"{"type":5}"#, #"{"type":"OFFER"}"#, #"{"type":"OFFER","src":"ann"}"#,
            #"{"type":"OFFER","src":"ann","payload":{"sdp":"v=0"}}"#,
            #"{"type":"OFFER","src":5,"payload":{"sdp":{"sdp":"v=0"}}}"#,
            #"{"type":"OFFER","src":"ann","payload":{"sdp":{"sdp":"v=0"},"type":"media"}}"#,
            #"{"type":"PRESENCE","payload":{"id":"ann"}}"#, #"{"type":"CANDIDATE","src":"ann","payload":{}}"#,
            #"{"type":"EXPIRE","src":"ann"}"#, String(repeating: "[", count: 100_000),
            #"{"type":"OFFER","src":"ann","payload":{"sdp":{"sdp":""# + String(repeating: "a", count: 70_000)
                + #""}}}"#,
        ]
        for text in texts { #expect(device.on(.received(text), at: .seconds(1)) == []) }
        #expect(device.clients == [])
    }
}
