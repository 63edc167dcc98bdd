import Channels
import Testing

@Suite struct ChannelsClientTests {
    private let requests: ChannelName
    private let socket: SocketID

    init() throws {
        requests = try ChannelName("private-requests")
        socket = try #require(SocketID("12.34"))
    }

    private func client(_ channels: [ChannelName]? = nil, random: Double = 1) -> ChannelsClient {
        ChannelsClient(
            key: "key", clientName: "iot", clientVersion: "1.0", channels: channels ?? [requests], random: { random })
    }

    private let greeting =
        #"{"event":"pusher:connection_established","data":"{\"socket_id\":\"12.34\",\"activity_timeout\":60}"}"#
    private let succeeded =
        #"{"event":"pusher_internal:subscription_succeeded","channel":"private-requests","data":"{}"}"#
    private let path = "/app/key?protocol=7&client=iot&version=1.0"

    /// A client that is connected and subscribed since second 0.
    private func subscribed(random: Double = 1) -> ChannelsClient {
        var client = client(random: random)
        _ = client.on(.start, at: .zero)
        _ = client.on(.opened, at: .zero)
        _ = client.on(.received(greeting), at: .zero)
        _ = client.on(.authorized(requests, socket, ChannelAuthorization(auth: "key:sig")), at: .zero)
        _ = client.on(.received(succeeded), at: .zero)
        return client
    }

    @Test("connects, greets, authorizes, subscribes, delivers")
    func connects() {
        var client = client()
        #expect(client.on(.start, at: .zero) == [.connect(path: path), .wake(at: .seconds(15))])
        #expect(client.on(.opened, at: .seconds(1)) == [.wake(at: .seconds(11))])
        #expect(
            client.on(.received(greeting), at: .seconds(1)) == [.connected(socket), .authorize(requests, socket)])
        #expect(
            client.on(.authorized(requests, socket, ChannelAuthorization(auth: "key:sig")), at: .seconds(1)) == [
                .send(#"{"data":{"auth":"key:sig","channel":"private-requests"},"event":"pusher:subscribe"}"#)
            ])
        #expect(client.on(.received(succeeded), at: .seconds(1)) == [.subscribed(requests)])
        let event = #"{"event":"update.request","channel":"private-requests","data":"{\"ip\":\"10.0.0.7\"}"}"#
        #expect(
            client.on(.received(event), at: .seconds(2)) == [
                .deliver(
                    ChannelsMessage(
                        event: "update.request", channel: "private-requests", data: .string(#"{"ip":"10.0.0.7"}"#)))
            ])
    }

    @Test("a public channel needs no authorization")
    func publicChannel() throws {
        var client = client([try ChannelName("news")])
        _ = client.on(.start, at: .zero)
        _ = client.on(.opened, at: .zero)
        #expect(
            client.on(.received(greeting), at: .zero) == [
                .connected(socket), .send(#"{"data":{"channel":"news"},"event":"pusher:subscribe"}"#),
            ])
    }

    @Test("after silence it pings, and hangs up when no pong comes")
    func pings() {
        var client = subscribed()
        #expect(client.on(.wake, at: .seconds(10)) == [.wake(at: .seconds(60))])
        #expect(
            client.on(.wake, at: .seconds(60)) == [
                .send(#"{"data":{},"event":"pusher:ping"}"#), .wake(at: .seconds(90)),
            ])
        #expect(
            client.on(.wake, at: .seconds(90)) == [
                .disconnect, .disconnected(reason: "a ping was not answered", retryIn: .seconds(1)),
                .wake(at: .seconds(91)),
            ])
        #expect(client.on(.wake, at: .seconds(91)) == [.connect(path: path), .wake(at: .seconds(106))])
    }

    @Test("anything heard counts as life")
    func heard() {
        var client = subscribed()
        _ = client.on(.wake, at: .seconds(60))
        #expect(client.on(.received(#"{"event":"pusher:pong"}"#), at: .seconds(61)) == [])
        #expect(client.on(.wake, at: .seconds(90)) == [.wake(at: .seconds(121))])
    }

    @Test(
        "answers the server's ping, whatever its data",
        arguments: [
            #"{"event":"pusher:ping"}"#, #"{"event":"pusher:ping","data":""}"#, #"{"event":"pusher:ping","data":{}}"#,
        ])
    func pong(ping: String) {
        var client = subscribed()
        #expect(client.on(.received(ping), at: .seconds(1)) == [.send(#"{"data":{},"event":"pusher:pong"}"#)])
    }

    @Test("CH-004: after every outage it authorizes and subscribes anew")
    func resubscribes() {
        var client = subscribed()
        for round in 1...50 {
            let now = Duration.seconds(round * 1000)
            guard case .disconnected(_, let pause) = client.on(.closed(nil), at: now).first else {
                Issue.record("not disconnected in round \(round)")
                return
            }
            #expect(client.on(.wake, at: now + pause).first == .connect(path: path))
            _ = client.on(.opened, at: now + pause)
            #expect(
                client.on(.received(greeting), at: now + pause).prefix(2) == [
                    .connected(socket), .authorize(requests, socket),
                ])
        }
    }

    @Test("pauses double up to a minute while the server is away, with jitter")
    func backsOff() {
        var client = client()
        var now = Duration.zero
        var pauses: [Duration] = []
        _ = client.on(.start, at: now)
        for _ in 0..<9 {
            guard case .disconnected(_, let pause) = client.on(.connectFailed(reason: "refused"), at: now).first else {
                break
            }
            pauses.append(pause)
            now += pause
            _ = client.on(.wake, at: now)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) })

        var jittered = self.client(random: 0)
        _ = jittered.on(.start, at: .zero)
        _ = jittered.on(.connectFailed(reason: "refused"), at: .zero)
        _ = jittered.on(.wake, at: .seconds(1))
        let second = jittered.on(.connectFailed(reason: "refused"), at: .seconds(1))
        #expect(second.first == .disconnected(reason: "refused", retryIn: .seconds(1)))
    }

    @Test("CH-003: close codes decide how soon it comes back")
    func closeCodes() {
        func retry(_ code: CloseCode?, after life: Duration) -> Duration? {
            var client = subscribed()
            guard case .disconnected(_, let pause) = client.on(.closed(code), at: life).first else { return nil }
            return pause
        }
        #expect(retry(.unknownApp, after: .seconds(100)) == .seconds(300))
        #expect(retry(.overCapacity, after: .seconds(100)) == .seconds(1))
        #expect(retry(.reconnect, after: .seconds(100)) == .zero)
        #expect(retry(.reconnect, after: .seconds(1)) == .seconds(1))
        #expect(retry(nil, after: .seconds(100)) == .seconds(1))
    }

    @Test("a server that closes with 4200 right after each greeting makes no tight loop")
    func noTightLoop() {
        var client = client()
        var now = Duration.zero
        _ = client.on(.start, at: now)
        for _ in 0..<20 {
            _ = client.on(.opened, at: now)
            _ = client.on(.received(greeting), at: now)
            guard case .disconnected(_, let pause) = client.on(.closed(.reconnect), at: now).first else {
                Issue.record("not disconnected at \(now)")
                return
            }
            now += pause
            _ = client.on(.wake, at: now)
        }
        #expect(now > .seconds(600))
    }

    @Test("an error event gives the code to a close that has none")
    func announcedCode() {
        var client = subscribed()
        let error = #"{"event":"pusher:error","data":{"code":4001,"message":"no such app"}}"#
        #expect(
            client.on(.received(error), at: .seconds(1)) == [
                .noted(#"the server reports an error: {"code":4001,"message":"no such app"}"#)
            ])
        #expect(
            client.on(.closed(nil), at: .seconds(1)).first
                == .disconnected(reason: "the connection ended", retryIn: .seconds(300)))
    }

    @Test("an error event decides nothing about what happens later, nor about a loss that the client finds itself")
    func announcedCodeIsForgotten() {
        let error = #"{"event":"pusher:error","data":{"code":4009,"message":"not authorized"}}"#
        var later = subscribed()
        _ = later.on(.received(error), at: .seconds(11))
        #expect(
            later.on(.closed(nil), at: .seconds(3600)).first
                == .disconnected(reason: "the connection ended", retryIn: .seconds(1)))
        var silent = subscribed()
        _ = silent.on(.wake, at: .seconds(60))
        _ = silent.on(.received(error), at: .seconds(61))
        _ = silent.on(.wake, at: .seconds(121))
        #expect(
            silent.on(.wake, at: .seconds(151)).prefix(2) == [
                .disconnect, .disconnected(reason: "a ping was not answered", retryIn: .seconds(1)),
            ])
    }

    @Test("a refused authorization is tried again on the same connection, more and more slowly")
    func refusedAuthorization() {
        var client = client()
        _ = client.on(.start, at: .zero)
        _ = client.on(.opened, at: .zero)
        _ = client.on(.received(greeting), at: .zero)
        #expect(
            client.on(.authorizationFailed(requests, socket, reason: "403"), at: .zero).first
                == .subscriptionFailed(requests, reason: "403", retryIn: .seconds(1)))
        #expect(client.on(.wake, at: .seconds(1)).first == .authorize(requests, socket))
        #expect(
            client.on(.authorizationFailed(requests, socket, reason: "403"), at: .seconds(1)).first
                == .subscriptionFailed(requests, reason: "403", retryIn: .seconds(2)))
    }

    @Test("a signature for an earlier connection is dropped")
    func lateSignature() throws {
        var client = subscribed()
        let old = try #require(SocketID("9.9"))
        #expect(client.on(.authorized(requests, old, ChannelAuthorization(auth: "key:old")), at: .seconds(1)) == [])
    }

    @Test("a subscription that is never answered ends the connection")
    func unansweredSubscription() {
        var client = client()
        _ = client.on(.start, at: .zero)
        _ = client.on(.opened, at: .zero)
        _ = client.on(.received(greeting), at: .zero)
        _ = client.on(.authorized(requests, socket, ChannelAuthorization(auth: "key:sig")), at: .zero)
        #expect(
            client.on(.wake, at: .seconds(15)).prefix(2) == [
                .disconnect, .disconnected(reason: "a subscription was not answered", retryIn: .seconds(1)),
            ])
    }

    @Test("a server that does not greet is left")
    func noGreeting() {
        var client = client()
        _ = client.on(.start, at: .zero)
        _ = client.on(.opened, at: .zero)
        #expect(
            client.on(.wake, at: .seconds(10)).prefix(2) == [
                .disconnect, .disconnected(reason: "the server did not answer in time", retryIn: .seconds(1)),
            ])
    }

    @Test("stop hangs up and ends everything")
    func stops() {
        var client = subscribed()
        #expect(client.on(.stop, at: .seconds(1)) == [.disconnect])
        #expect(client.on(.wake, at: .seconds(900)) == [])
        #expect(client.on(.start, at: .seconds(900)) == [])
    }

    @Test("events of other channels and malformed frames are noted, never delivered")
    func noise() {
        var client = subscribed()
        let foreign = #"{"event":"update.request","channel":"private-other","data":"{}"}"#
        #expect(
            client.on(.received(foreign), at: .seconds(1)) == [
                .stray(ChannelsMessage(event: "update.request", channel: "private-other", data: .string("{}")))
            ])
        guard case .noted(let words)? = client.on(.received("{"), at: .seconds(1)).first else {
            Issue.record("not noted")
            return
        }
        #expect(words.hasPrefix("a malformed frame: "))
    }

    @Test("every prefix of every frame is survived, and the next frame still counts")
    func prefixes() {
        for frame in [greeting, succeeded] {
            for length in 0..<frame.count {
                var client = subscribed()
                _ = client.on(.received(String(frame.prefix(length))), at: .seconds(1))
                #expect(
                    client.on(.received(#"{"event":"pusher:ping"}"#), at: .seconds(1)).first
                        == .send(#"{"data":{},"event":"pusher:pong"}"#))
            }
        }
    }
}
