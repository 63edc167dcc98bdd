import Testing

@testable import Channels

/// An encrypted channel as its subscriber meets it: keys that are missing, wrong, changed.
@Suite struct ChannelsClientEncryptionTests {
    private let channel: ChannelName
    private let socket: SocketID
    private let old: SharedSecret
    private let new: SharedSecret

    init() throws {
        channel = try ChannelName("private-encrypted-requests")
        socket = try #require(SocketID("12.34"))
        old = try #require(SharedSecret([UInt8](repeating: 1, count: 32)))
        new = try #require(SharedSecret([UInt8](repeating: 2, count: 32)))
    }

    private let greeting = #"{"event":"pusher:connection_established","data":"{\"socket_id\":\"12.34\"}"}"#
    private let succeeded =
        #"{"event":"pusher_internal:subscription_succeeded","channel":"private-encrypted-requests","data":"{}"}"#

    private func authorization(_ secret: SharedSecret?) -> ChannelsClient.Input {
        .authorized(channel, socket, ChannelAuthorization(auth: "key:sig", sharedSecret: secret))
    }

    private func greeted() -> ChannelsClient {
        var client = ChannelsClient(
            key: "key", clientName: "iot", clientVersion: "1.0", channels: [channel], random: { 1 })
        _ = client.on(.start, at: .zero)
        _ = client.on(.opened, at: .zero)
        _ = client.on(.received(greeting), at: .zero)
        return client
    }

    private func subscribed() -> ChannelsClient {
        var client = greeted()
        _ = client.on(authorization(old), at: .zero)
        _ = client.on(.received(succeeded), at: .zero)
        return client
    }

    private func message(_ data: JSONValue) -> ChannelsMessage {
        ChannelsMessage(event: "update.request", channel: channel.text, data: data)
    }

    /// A frame with this text sealed; each text has a nonce of its own.
    private func frame(_ text: String, _ key: SharedSecret) throws -> ChannelsClient.Input {
        let nonce = Array((text.utf8 + [UInt8](repeating: 0, count: 24)).prefix(24))
        let box = try #require(SealedBox(sealing: Array(text.utf8), with: key, nonce: nonce))
        return .received(message(.string(box.json.text)).text)
    }

    private func opened(_ text: String) -> ChannelsClient.Action { .deliver(message(.string(text))) }

    private let noOther = "the key does not open the event, and the dashboard has no other"

    @Test("CH-008: an event is delivered as it was before its encryption; the key is not sent to the broker")
    func delivers() throws {
        var client = greeted()
        #expect(
            client.on(authorization(old), at: .zero) == [
                .send(
                    #"{"data":{"auth":"key:sig","channel":"private-encrypted-requests"},"event":"pusher:subscribe"}"#)
            ])
        #expect(client.on(.received(succeeded), at: .zero) == [.subscribed(channel)])
        #expect(try client.on(frame(#"{"ip":"10.0.0.7"}"#, old), at: .seconds(1)) == [opened(#"{"ip":"10.0.0.7"}"#)])
    }

    @Test("CH-008: without a key the channel is not subscribed, and the dashboard is asked again later")
    func noSecret() {
        var client = greeted()
        #expect(
            client.on(authorization(nil), at: .zero) == [
                .subscriptionFailed(channel, reason: ChannelsClient.noSecret, retryIn: .seconds(1)),
                .wake(at: .seconds(1)),
            ])
        #expect(client.on(.wake, at: .seconds(1)).first == .authorize(channel, socket))
    }

    @Test("CH-008: an event in clear on the encrypted channel is dropped, and no key is asked for")
    func inClear() {
        var client = subscribed()
        for data: JSONValue in [#"{"ip":"10.0.0.7","payload":"red"}"#, ["ip": "10.0.0.7"], nil, "red"] {
            #expect(
                client.on(.received(message(data).text), at: .seconds(1)) == [
                    .unreadable(channel, count: 1, reason: "the event is not encrypted")
                ])
        }
    }

    @Test("CH-009: after a change of the key nothing is lost and the order stays: the dashboard is asked once")
    func rotation() throws {
        var client = subscribed()
        #expect(try client.on(frame("1", old), at: .seconds(1)) == [opened("1")])
        #expect(
            try client.on(frame("2", new), at: .seconds(2)) == [.authorize(channel, socket)])
        #expect(try client.on(frame("3", new), at: .seconds(2)) == [])
        #expect(client.on(authorization(new), at: .seconds(3)) == [opened("2"), opened("3")])
        #expect(try client.on(frame("4", new), at: .seconds(3)) == [opened("4")])
        // The change back is found as well.
        #expect(try client.on(frame("5", old), at: .seconds(20)).first == .authorize(channel, socket))
        #expect(client.on(authorization(old), at: .seconds(20)) == [opened("5")])
    }

    @Test("CH-009: what the new key does not open either is dropped and counted, what it opens is delivered")
    func stillUnreadable() throws {
        var client = subscribed()
        let stranger = try #require(SharedSecret([UInt8](repeating: 3, count: 32)))
        _ = try client.on(frame("1", stranger), at: .seconds(1))
        _ = try client.on(frame("2", old), at: .seconds(1))
        _ = try client.on(frame("3", stranger), at: .seconds(1))
        #expect(
            client.on(authorization(old), at: .seconds(2)) == [
                opened("2"), .unreadable(channel, count: 2, reason: noOther),
            ])
    }

    @Test("CH-009: one who sends what no key opens has the dashboard asked once a second at most")
    func flood() throws {
        var client = subscribed()
        let stranger = try #require(SharedSecret([UInt8](repeating: 3, count: 32)))
        var asked = 0
        var dropped = 0
        for number in 0..<1000 {
            let now = Duration.seconds(1) + .milliseconds(number * 10)
            for action in try client.on(frame("\(number)", stranger), at: now) {
                if case .unreadable(_, let count, _) = action { dropped += count }
                guard case .authorize = action else { continue }
                asked += 1
                for case .unreadable(_, let count, _) in client.on(authorization(old), at: now) { dropped += count }
            }
        }
        #expect(asked == 10)
        #expect(dropped == 1000)
        // Others are still heard.
        #expect(try client.on(frame("red", old), at: .seconds(12)) == [opened("red")])
    }

    @Test("CH-009: a hundred events wait for a new key at most; those beyond are dropped and counted")
    func heldLimit() throws {
        var client = subscribed()
        for number in 1...100 { _ = try client.on(frame("\(number)", new), at: .seconds(1)) }
        #expect(
            try client.on(frame("101", new), at: .seconds(1)) == [
                .unreadable(channel, count: 1, reason: "100 events wait for a new key already")
            ])
        #expect(client.on(authorization(new), at: .seconds(2)) == (1...100).map { opened("\($0)") })
    }

    @Test("CH-009: what waits for a new key is dropped when it is refused, not given, too late, or the connection ends")
    func noNewKey() throws {
        let ends: [(ChannelsClient.Input, Duration, String)] = [
            (.authorizationFailed(channel, socket, reason: "403"), .seconds(2), "the dashboard gave no new key: 403"),
            (authorization(nil), .seconds(2), ChannelsClient.noSecret),
            (.wake, .seconds(16), "the dashboard did not answer with a new key in time"),
            (.closed(nil), .seconds(2), "the connection ended before there was a new key"),
        ]
        for (input, now, reason) in ends {
            var client = subscribed()
            _ = try client.on(frame("1", new), at: .seconds(1))
            _ = try client.on(frame("2", new), at: .seconds(1))
            #expect(client.on(input, at: now).first == .unreadable(channel, count: 2, reason: reason))
        }
    }

    @Test("CH-009: a key that comes after all, or for an earlier connection, changes nothing")
    func lateKey() throws {
        var client = subscribed()
        _ = try client.on(frame("1", new), at: .seconds(1))
        _ = client.on(.wake, at: .seconds(16))
        #expect(client.on(authorization(new), at: .seconds(17)) == [])
        #expect(try client.on(frame("2", old), at: .seconds(17)) == [opened("2")])
        let earlier = try #require(SocketID("9.9"))
        let late = ChannelAuthorization(auth: "key:sig", sharedSecret: new)
        _ = try client.on(frame("3", new), at: .seconds(18))
        #expect(client.on(.authorized(channel, earlier, late), at: .seconds(18)) == [])
    }

    @Test("CH-009: a new connection begins with a new key")
    func newConnection() throws {
        var client = subscribed()
        _ = client.on(.closed(.reconnect), at: .seconds(100))
        _ = client.on(.opened, at: .seconds(100))
        #expect(client.on(.received(greeting), at: .seconds(100)).contains(.authorize(channel, socket)))
        _ = client.on(authorization(new), at: .seconds(100))
        _ = client.on(.received(succeeded), at: .seconds(100))
        #expect(try client.on(frame("1", new), at: .seconds(100)) == [opened("1")])
    }

    @Test("CH-008: an event whose text is no UTF-8 is dropped")
    func notText() throws {
        var client = subscribed()
        let box = try #require(
            SealedBox(sealing: [0xFF, 0xFE], with: old, nonce: [UInt8](repeating: 9, count: 24)))
        _ = client.on(.received(message(.string(box.json.text)).text), at: .seconds(1))
        #expect(
            client.on(authorization(old), at: .seconds(1)) == [.unreadable(channel, count: 1, reason: noOther)])
    }
}
