import Channels
import Testing

@Suite struct ChannelsServerTests {
    private let app = AppCredentials(id: "1", key: "key", secret: "secret")

    private func server(_ limits: ChannelsServer.Limits = .init()) -> ChannelsServer {
        ChannelsServer(credentials: app, limits: limits, seed: 1)
    }

    private func socket(_ number: Int) throws -> SocketID {
        try #require(SocketID("\(number).1"))
    }

    private func subscribe(_ id: SocketID, _ channel: String, member: String? = nil) throws -> ChannelsServer.Input {
        let auth = app.channelAuthorization(
            socketID: id, channel: try ChannelName(channel), channelData: member)
        var data: [String: JSONValue] = ["channel": .string(channel), "auth": .string(auth)]
        data["channel_data"] = member.map(JSONValue.string)
        return .received(id, text: ChannelsMessage(event: "pusher:subscribe", data: .object(data)).text)
    }

    /// What each connection is sent, as `socket event`, and the rest of the actions by name.
    private func summary(_ actions: [ChannelsServer.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .send(let id, let text):
                guard
                    case .message(let message) = ChannelsMessage.parse(
                        text, limits: JSONLimits(maximumBytes: 1 << 20))
                else { return "\(id) ?" }
                return "\(id) \(message.event)"
            case .close(let id, let code, _): return "\(id) close \(code.rawValue)"
            case .webhook(let event): return "webhook \(event.name.rawValue)"
            case .occupied(let channel): return "occupied \(channel)"
            case .vacated(let channel): return "vacated \(channel)"
            case .wake(let at): return "wake \(at)"
            }
        }
    }

    @Test("the greeting's data is JSON in a string, with socket id and activity time-out")
    func greeting() throws {
        var server = server()
        let id = try socket(1)
        #expect(
            server.on(.connected(id, protocolVersion: 7), at: .zero) == [
                .send(
                    id,
                    #"{"data":"{\"activity_timeout\":120,\"socket_id\":\"1.1\"}","#
                        + #""event":"pusher:connection_established"}"#),
                .wake(at: .seconds(15)),
            ])
    }

    @Test("CH-006: unknown protocols are closed, old clients with an event before")
    func protocols() throws {
        var server = server()
        #expect(summary(server.on(.connected(try socket(1), protocolVersion: 8), at: .zero)) == ["1.1 close 4007"])
        #expect(
            summary(server.on(.connected(try socket(2), protocolVersion: 4), at: .zero)) == [
                "2.1 pusher:error", "2.1 close 4007",
            ])
        #expect(server.connectionCount == 0)
    }

    @Test("a private channel wants a signature; a wrong one is answered and the connection stays")
    func privateChannel() throws {
        var server = server()
        let id = try socket(1)
        _ = server.on(.connected(id, protocolVersion: 7), at: .zero)
        let wrong = #"{"event":"pusher:subscribe","data":{"channel":"private-a","auth":"key:00"}}"#
        #expect(
            server.on(.received(id, text: wrong), at: .zero) == [
                .send(
                    id,
                    #"{"channel":"private-a","data":"{\"error\":\"the signature does not match\",\"status\":4009,"#
                        + #"\"type\":\"AuthError\"}","event":"pusher:subscription_error"}"#)
            ])
        #expect(
            summary(server.on(try subscribe(id, "private-a"), at: .zero)) == [
                "1.1 pusher_internal:subscription_succeeded", "occupied private-a", "webhook channel_occupied",
                "1.1 pusher_internal:subscription_count", "webhook subscription_count",
            ])
        #expect(
            summary(server.on(.disconnected(id), at: .zero)) == ["vacated private-a", "webhook channel_vacated"])
    }

    @Test("published events reach the subscribers but the one that is left out")
    func publish() throws {
        var server = server()
        for number in 1...3 {
            _ = server.on(.connected(try socket(number), protocolVersion: 7), at: .zero)
            _ = server.on(try subscribe(socket(number), "room"), at: .zero)
        }
        let actions = server.on(
            .publish(event: "news", data: "{}", channels: [try ChannelName("room")], except: try socket(2)), at: .zero)
        #expect(
            actions == [
                .send(try socket(1), #"{"channel":"room","data":"{}","event":"news"}"#),
                .send(try socket(3), #"{"channel":"room","data":"{}","event":"news"}"#),
            ])
    }

    @Test("a member of a presence channel comes and goes once, however many connections it has")
    func presence() throws {
        var server = server()
        for number in 1...3 { _ = server.on(.connected(try socket(number), protocolVersion: 7), at: .zero) }
        _ = server.on(try subscribe(socket(1), "presence-a", member: #"{"user_id":"ada"}"#), at: .zero)
        let second = server.on(try subscribe(socket(2), "presence-a", member: #"{"user_id":"bob"}"#), at: .zero)
        #expect(
            summary(second) == [
                "1.1 pusher_internal:member_added", "2.1 pusher_internal:subscription_succeeded",
                "webhook member_added",
            ])
        let again = server.on(try subscribe(socket(3), "presence-a", member: #"{"user_id":"bob"}"#), at: .zero)
        #expect(summary(again) == ["3.1 pusher_internal:subscription_succeeded"])
        #expect(server.users(of: try ChannelName("presence-a")) == ["ada", "bob"])
        #expect(summary(server.on(.disconnected(try socket(2)), at: .zero)) == [])
        #expect(
            summary(server.on(.disconnected(try socket(3)), at: .zero)) == [
                "1.1 pusher_internal:member_removed", "webhook member_removed",
            ])
    }

    @Test("a cache channel gives its last event to those who come later")
    func cache() throws {
        var server = server()
        let channel = try ChannelName("cache-a")
        for number in 1...2 { _ = server.on(.connected(try socket(number), protocolVersion: 7), at: .zero) }
        #expect(summary(server.on(try subscribe(socket(1), "cache-a"), at: .zero)).contains("1.1 pusher:cache_miss"))
        _ = server.on(.publish(event: "news", data: "1", channels: [channel], except: nil), at: .zero)
        #expect(summary(server.on(try subscribe(socket(2), "cache-a"), at: .zero)).contains("2.1 news"))
        #expect(server.info(channel, at: .seconds(1799)).isCached)
        #expect(!server.info(channel, at: .seconds(1800)).isCached)
        _ = server.on(.disconnected(try socket(1)), at: .seconds(1800))
        _ = server.on(.connected(try socket(1), protocolVersion: 7), at: .seconds(1800))
        #expect(
            summary(server.on(try subscribe(socket(1), "cache-a"), at: .seconds(1800))).contains(
                "1.1 pusher:cache_miss"))
    }

    @Test("beyond the most cache channels the oldest event is forgotten")
    func cacheLimit() throws {
        var limits = ChannelsServer.Limits()
        limits.cachedChannels = 2
        var server = server(limits)
        let names = try ["cache-a", "cache-b", "cache-c"].map { try ChannelName($0) }
        for (second, name) in names.enumerated() {
            _ = server.on(.publish(event: "news", data: "1", channels: [name], except: nil), at: .seconds(second))
        }
        #expect(names.map { server.info($0, at: .seconds(3)).isCached } == [false, true, true])
    }

    @Test("leaving a channel ends its events and nothing else; leaving it twice does nothing")
    func unsubscribe() throws {
        var server = server()
        let id = try socket(1)
        _ = server.on(.connected(id, protocolVersion: 7), at: .zero)
        for channel in ["a", "b"] { _ = server.on(try subscribe(id, channel), at: .zero) }
        let leave = #"{"event":"pusher:unsubscribe","data":{"channel":"a"}}"#
        #expect(
            summary(server.on(.received(id, text: leave), at: .zero)) == ["vacated a", "webhook channel_vacated"])
        #expect(server.on(.received(id, text: leave), at: .zero) == [])
        let both = try ["a", "b"].map { try ChannelName($0) }
        #expect(
            summary(server.on(.publish(event: "news", data: "1", channels: both, except: nil), at: .zero)) == [
                "1.1 news"
            ])
    }

    @Test("a connection has so many subscriptions and a presence channel so many members, no more")
    func limits() throws {
        var limits = ChannelsServer.Limits()
        limits.subscriptions = 2
        limits.members = 1
        var server = server(limits)
        for number in 1...2 { _ = server.on(.connected(try socket(number), protocolVersion: 7), at: .zero) }
        for channel in ["a", "b"] { _ = server.on(try subscribe(socket(1), channel), at: .zero) }
        #expect(
            server.on(try subscribe(socket(1), "c"), at: .zero) == [
                .send(
                    try socket(1),
                    #"{"channel":"c","data":"{\"error\":\"at most 2 subscriptions a connection\",\"status\":4009,"#
                        + #"\"type\":\"LimitReached\"}","event":"pusher:subscription_error"}"#)
            ])
        _ = server.on(.disconnected(try socket(1)), at: .zero)
        _ = server.on(.connected(try socket(1), protocolVersion: 7), at: .zero)
        _ = server.on(try subscribe(socket(1), "presence-a", member: #"{"user_id":"one"}"#), at: .zero)
        #expect(
            summary(server.on(try subscribe(socket(2), "presence-a", member: #"{"user_id":"two"}"#), at: .zero)) == [
                "2.1 pusher:subscription_error"
            ])
        #expect(server.users(of: try ChannelName("presence-a")) == ["one"])
    }

    @Test("who signed in is cut when the user is; a wrong sign-in ends the connection")
    func users() throws {
        var server = server()
        let data = #"{"id":"ada"}"#
        for number in 1...3 { _ = server.on(.connected(try socket(number), protocolVersion: 7), at: .zero) }
        func signIn(_ number: Int, auth: String) throws -> ChannelsServer.Input {
            .received(
                try socket(number),
                text: ChannelsMessage(
                    event: "pusher:signin", data: ["auth": .string(auth), "user_data": .string(data)]
                ).text)
        }
        let auth = app.userAuthorization(socketID: try socket(1), userData: data)
        #expect(summary(server.on(try signIn(1, auth: auth), at: .zero)) == ["1.1 pusher:signin_success"])
        #expect(summary(server.on(try signIn(2, auth: auth), at: .zero)) == ["2.1 close 4009"])
        #expect(summary(server.on(.terminateUser("ada"), at: .zero)) == ["1.1 close 4009"])
        #expect(server.on(.terminateUser("ada"), at: .zero) == [])
        #expect(server.connectionCount == 1)
    }

    @Test("client events on an encrypted channel are refused: the server could not read what it relays")
    func encrypted() throws {
        var server = server()
        for number in 1...2 {
            _ = server.on(.connected(try socket(number), protocolVersion: 7), at: .zero)
            _ = server.on(try subscribe(socket(number), "private-encrypted-a"), at: .zero)
        }
        let event = #"{"event":"client-x","channel":"private-encrypted-a","data":{}}"#
        #expect(summary(server.on(.received(try socket(1), text: event), at: .zero)) == ["1.1 pusher:error"])
    }

    @Test("client events: to the others only, on private channels only, ten a second")
    func clientEvents() throws {
        var server = server()
        for number in 1...2 {
            _ = server.on(.connected(try socket(number), protocolVersion: 7), at: .zero)
            _ = server.on(try subscribe(socket(number), "private-a"), at: .zero)
            _ = server.on(try subscribe(socket(number), "open"), at: .zero)
        }
        let event = #"{"event":"client-x","channel":"private-a","data":{}}"#
        for _ in 0..<10 {
            #expect(
                summary(server.on(.received(try socket(1), text: event), at: .zero)) == [
                    "2.1 client-x", "webhook client_event",
                ])
        }
        #expect(
            server.on(.received(try socket(1), text: event), at: .zero) == [
                .send(
                    try socket(1), #"{"data":{"code":4301,"message":"too many client events"},"event":"pusher:error"}"#)
            ])
        #expect(
            summary(server.on(.received(try socket(1), text: event), at: .seconds(1))).first == "2.1 client-x")
        let open = #"{"event":"client-x","channel":"open","data":{}}"#
        #expect(summary(server.on(.received(try socket(1), text: open), at: .seconds(1))) == ["1.1 pusher:error"])
    }

    @Test("who is silent is pinged, and cut when no answer comes")
    func silence() throws {
        var server = server()
        _ = server.on(.connected(try socket(1), protocolVersion: 7), at: .zero)
        _ = server.on(.connected(try socket(2), protocolVersion: 7), at: .zero)
        #expect(
            summary(server.on(.wake, at: .seconds(120))) == [
                "1.1 pusher:ping", "2.1 pusher:ping", "wake 135.0 seconds",
            ])
        _ = server.on(.received(try socket(2), text: #"{"event":"pusher:pong"}"#), at: .seconds(121))
        #expect(summary(server.on(.wake, at: .seconds(150))) == ["1.1 close 4201", "wake 165.0 seconds"])
    }

    @Test("too many frames that are not the protocol end the connection")
    func abuse() throws {
        var server = server()
        let id = try socket(1)
        _ = server.on(.connected(id, protocolVersion: 7), at: .zero)
        for _ in 0..<10 {
            #expect(summary(server.on(.received(id, text: "{"), at: .zero)) == ["1.1 pusher:error"])
        }
        #expect(summary(server.on(.received(id, text: "{"), at: .zero)) == ["1.1 close 4300"])
    }

    @Test("stop sends everybody away to come back at once, and nobody in")
    func stop() throws {
        var server = server()
        _ = server.on(.connected(try socket(1), protocolVersion: 7), at: .zero)
        #expect(summary(server.on(.stop, at: .zero)) == ["1.1 close 4200"])
        #expect(summary(server.on(.connected(try socket(2), protocolVersion: 7), at: .zero)) == ["2.1 close 4200"])
    }

    @Test("mutated frames never crash it", arguments: 1...20)
    func mutated(seed: UInt64) throws {
        var server = server()
        var state = seed
        let id = try socket(1)
        guard case .received(_, let text) = try subscribe(id, "presence-a", member: #"{"user_id":"a"}"#) else {
            Issue.record("a subscription is not a frame")
            return
        }
        for _ in 0..<300 {
            var bytes = Array(text.utf8)
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int((state >> 33) % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: state >> 20)
            }
            _ = server.on(.connected(id, protocolVersion: 7), at: .zero)
            _ = server.on(
                .received(id, text: String(decoding: bytes.prefix(Int(state % 200)), as: UTF8.self)), at: .zero)
            _ = server.on(.received(id, text: String(decoding: bytes, as: UTF8.self)), at: .zero)
            _ = server.on(.disconnected(id), at: .zero)
        }
        #expect(server.connectionCount == 0)
    }
}
