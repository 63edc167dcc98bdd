import Testing

@testable import Hub

/// Who may reach whom, who hears of whom, and what goes through the hub.
@Suite("Signalling rights")
struct SignallingRightsTests {
    private var server = SignallingServer()
    private let offer = #"{"type":"OFFER","dst":"unit-5"}"#

    @Test(
        "Two peers exchange messages when the rights of both allow it",
        arguments: [
            (PeerRights.watching(5), "ann", PeerRights.devices, "unit-5", true),
            (.watching(5), "ann", .devices, "unit-6", false), (.watching(nil), "ann", .devices, "unit-6", true),
            (.watching(5), "ann", .watching(5), "bob", false), (.devices, "unit-5", .devices, "unit-6", false),
            (.devices, "unit-6", .watching(5), "ann", false), (.everything, "ann", .watching(5), "bob", false),
            (.everything, "ann", .devices, "unit-6", true), (.everything, "ann", .everything, "bob", true),
        ])
    mutating func reach(one: PeerRights, _ name: String, other: PeerRights, _ otherName: String, _ isAllowed: Bool) {
        _ = join(1, name, one)
        _ = join(2, otherName, other)
        let expire = #"{"dst":"\#(name)","src":"\#(otherName)","type":"EXPIRE"}"#
        let offer = #"{"dst":"\#(otherName)","src":"\#(name)","type":"OFFER"}"#
        #expect(
            say(1, #"{"type":"OFFER","dst":"\#(otherName)"}"#)
                == [isAllowed ? .pass(id(2), offer, from: id(1), expired: expire) : .send(id(1), expire)])
        #expect(say(1, #"{"type":"CANDIDATE","dst":"\#(otherName)"}"#).count == (isAllowed ? 1 : 0))
    }

    @Test("What waits for a peer that turns out not to be allowed it is told of as expired")
    mutating func queuedForAnother() {
        _ = join(1, "unit-5", .devices)
        #expect(say(1, #"{"type":"OFFER","dst":"ann"}"#) == [])
        #expect(
            join(2, "ann", .watching(6)) == [
                .send(id(2), SignallingMessage.open), .send(id(1), #"{"dst":"unit-5","src":"ann","type":"EXPIRE"}"#),
            ])
    }

    @Test("A device that asks hears of each watcher that comes and goes, and of those that are there already")
    mutating func presence() {
        #expect(join(1, "ann", .watching(5)).count == 2)
        #expect(
            join(2, "unit-5", .devices, presence: true)
                == [.send(id(2), SignallingMessage.open), .send(id(2), joined("ann"))])
        #expect(join(3, "bob", .watching(5)) == [.send(id(3), SignallingMessage.open), .send(id(2), joined("bob"))])
        #expect(join(4, "eve", .watching(6)) == [.send(id(4), SignallingMessage.open)])
        #expect(server.on(.disconnected(id(1)), at: .zero) == [.send(id(2), left("ann"))])
        #expect(server.on(.disconnected(id(4)), at: .zero) == [])
    }

    @Test("A stock client never sees a message of this hub's own")
    mutating func stock() {
        _ = join(1, "unit-5", .devices)
        #expect(join(2, "ann", .watching(5), presence: true).contains(.send(id(2), joined("unit-5"))))
        #expect(say(2, offer) == [passed(#"{"dst":"unit-5","src":"ann","type":"OFFER"}"#)])
        #expect(
            say(2, #"{"type":"RELAY","dst":"unit-5"}"#)
                == [.send(id(2), #"{"dst":"ann","src":"unit-5","type":"EXPIRE"}"#)])
        #expect(server.on(.disconnected(id(2)), at: .zero) == [])
    }

    @Test("Who may watch any device is its watcher from the first message on; one that asks hears of the device")
    mutating func watcherOfAny() {
        _ = join(1, "unit-5", .devices, presence: true)
        #expect(join(2, "ann", .watching(nil), presence: true) == [.send(id(2), SignallingMessage.open)])
        #expect(
            say(2, offer) == [
                .send(id(1), joined("ann")), passed(#"{"dst":"unit-5","src":"ann","type":"OFFER"}"#),
            ])
        #expect(server.on(.disconnected(id(1)), at: .zero) == [.send(id(2), left("unit-5"))])
    }

    @Test(
        "Who may watch any device is counted as a watcher of a bounded number of them; its messages arrive all the same"
    )
    mutating func watcherOfMany() {
        var limits = SignallingServer.Limits()
        limits.watched = 2
        server = SignallingServer(limits: limits)
        _ = join(1, "ann", .watching(nil))
        for number in 2...4 { _ = join(UInt64(number), "unit-\(number)", .devices, presence: true) }
        let counts = (2...4).map { say(1, #"{"type":"OFFER","dst":"unit-\#($0)"}"#).count }
        #expect(counts == [2, 2, 1])
        #expect(server.watchers.count == 2)
    }

    @Test("A device that connects anew with its token is greeted and told of its watchers, who hear nothing of it")
    mutating func replacedDevice() {
        _ = join(1, "unit-5", .devices, presence: true)
        _ = join(2, "ann", .watching(5), presence: true)
        #expect(
            join(3, "unit-5", .devices, presence: true) == [
                .close(id(1)), .send(id(3), SignallingMessage.open), .send(id(3), joined("ann")),
            ])
    }

    @Test("What a device says to nobody by name goes to those who have asked for it through the hub, until they leave")
    mutating func relay() {
        _ = join(1, "unit-5", .devices, presence: true)
        _ = join(2, "ann", .watching(5), presence: true)
        _ = join(3, "bob", .watching(5), presence: true)
        let ask = #"{"type":"RELAY","dst":"unit-5","payload":{"type":"ping"}}"#
        let stream = #"{"type":"RELAY","payload":{"value":1}}"#
        #expect(say(1, stream) == [])
        #expect(
            say(2, ask)
                == [passed(#"{"dst":"unit-5","payload":{"type":"ping"},"src":"ann","type":"RELAY"}"#)])
        #expect(
            say(1, stream) == [.stream(id(2), #"{"payload":{"value":1},"src":"unit-5","type":"RELAY"}"#)])
        #expect(
            say(1, #"{"type":"RELAY","dst":"ann","payload":2}"#)
                == [
                    .pass(
                        id(2), #"{"dst":"ann","payload":2,"src":"unit-5","type":"RELAY"}"#, from: id(1),
                        expired: #"{"dst":"unit-5","src":"ann","type":"EXPIRE"}"#)
                ])
        #expect(say(2, stream) == [])
        #expect(say(2, #"{"type":"LEAVE","dst":"unit-5"}"#).count == 1)
        #expect(say(1, stream) == [])
    }

    @Test(
        "Who may control a device reaches it, and is answered; nobody else does",
        arguments: [
            (PeerRights.everything, "page", true), (.device(5), "page", true), (.device(6), "page", false),
            (.watching(5), "page", false), (.watching(nil), "page", false), (.devices, "unit-6", false),
        ])
    mutating func control(rights: PeerRights, name: String, isAllowed: Bool) {
        _ = join(1, "unit-5", .devices, presence: true)
        _ = join(2, name, rights, presence: true)
        let expire = #"{"dst":"\#(name)","src":"unit-5","type":"EXPIRE"}"#
        let passed = #"{"dst":"unit-5","payload":1,"src":"\#(name)","type":"CONTROL"}"#
        // Who controls is no watcher: the device hears of nobody.
        #expect(
            say(2, #"{"type":"CONTROL","dst":"unit-5","payload":1}"#)
                == [isAllowed ? .pass(id(1), passed, from: id(2), expired: expire) : .send(id(2), expire)])
        guard isAllowed else { return }
        #expect(
            say(1, #"{"type":"CONTROL","dst":"\#(name)","payload":2}"#)
                == [
                    .pass(
                        id(2), #"{"dst":"\#(name)","payload":2,"src":"unit-5","type":"CONTROL"}"#, from: id(1),
                        expired: #"{"dst":"unit-5","src":"\#(name)","type":"EXPIRE"}"#)
                ])
    }

    @Test("A ticket to stream as a device is good for that device's id, or for anybody's, and for no other device's")
    func streamTicket() {
        let rights = PeerRights.device(5)
        for (name, isAllowed) in [("unit-5", true), ("unit-6", false), ("unit-5x", false), ("ann", true)] {
            guard let id = PeerID(name) else { continue }
            #expect(rights.mayBe(id) == isAllowed, "\(name)")
        }
        for (name, isReached) in [("unit-5", true), ("unit-6", false), ("ann", true), ("unit-5x", false)] {
            guard let id = PeerID(name) else { continue }
            #expect(rights.mayReach(id) == isReached, "\(name)")
        }
        #expect(rights.onlyDevice == 5 && PeerRights.watching(7).onlyDevice == 7)
        #expect(PeerRights.watching(nil).onlyDevice == nil && PeerRights.devices.onlyDevice == nil)
    }

    @Test("Only devices are controlled, and only devices answer: nobody says CONTROL to a page but they")
    mutating func controlOfAPage() {
        _ = join(1, "ann", .everything, presence: true)
        _ = join(2, "bob", .everything, presence: true)
        #expect(
            say(1, #"{"type":"CONTROL","dst":"bob"}"#)
                == [.send(id(1), #"{"dst":"ann","src":"bob","type":"EXPIRE"}"#)])
    }

    @Test(
        "What is to control a device that is not there waits for nobody, and a client that does not know it is not sent it"
    )
    mutating func controlOfNobody() {
        _ = join(2, "page", .everything, presence: true)
        let expire = SignallingServer.Action.send(id(2), #"{"dst":"page","src":"unit-5","type":"EXPIRE"}"#)
        #expect(say(2, #"{"type":"CONTROL","dst":"unit-5"}"#) == [expire])
        #expect(join(1, "unit-5", .devices) == [.send(id(1), SignallingMessage.open)])
        #expect(say(2, #"{"type":"CONTROL","dst":"unit-5"}"#) == [expire])
    }

    /// What ann (2) says to the device (1).
    private func passed(_ text: String) -> SignallingServer.Action {
        .pass(id(1), text, from: id(2), expired: #"{"dst":"ann","src":"unit-5","type":"EXPIRE"}"#)
    }

    private func joined(_ name: String) -> String {
        #"{"payload":{"id":"\#(name)","state":"joined"},"type":"PRESENCE"}"#
    }

    private func left(_ name: String) -> String {
        #"{"payload":{"id":"\#(name)","state":"left"},"type":"PRESENCE"}"#
    }

    private func id(_ number: UInt64) -> SignallingServer.ConnectionID { .init(number: number) }

    private mutating func join(
        _ number: UInt64, _ name: String, _ rights: PeerRights, presence: Bool = false
    ) -> [SignallingServer.Action] {
        let request = SignallingRequest(key: "peerjs", id: name, token: "t", wantsPresence: presence)
        return server.on(.connected(id(number), request, rights), at: .zero)
    }

    private mutating func say(_ number: UInt64, _ text: String) -> [SignallingServer.Action] {
        server.on(.received(id(number), text: text), at: .zero)
    }
}
