import Channels
import Testing

/// The expected signatures were computed with Python's hmac and hashlib.
@Suite struct AppCredentialsTests {
    private let app = AppCredentials(id: "1", key: "key", secret: "secret")
    private let socket: SocketID

    init() throws {
        socket = try #require(SocketID("123.456"))
    }

    @Test("channel, user and webhook signatures are HMAC-SHA256 of the texts that the protocol names")
    func signatures() throws {
        #expect(
            app.channelAuthorization(socketID: socket, channel: try ChannelName("private-a"))
                == "key:f2af6532756462e21a62ed74e9948b8246589473e58c076cc05b6d8476be4cdf")
        #expect(
            app.channelAuthorization(
                socketID: socket, channel: try ChannelName("presence-a"), channelData: #"{"user_id":"u"}"#)
                == "key:134029c072fb1650b26e55233fda533c85a1868db415ccd73dabd12772c1bf5d")
        #expect(
            app.userAuthorization(socketID: socket, userData: #"{"id":"u"}"#)
                == "key:6474aeac1ce8b8d3728e366b7778e2fd727c57d809452ebbcbee3bed175f5fea")
        #expect(
            app.webhookSignature(body: Array(#"{"time_ms":1}"#.utf8))
                == "e457569f00c3f5a900f2ce3cb732dc8c6aacb3a0e217312f97638afd9b73ec1c")
    }

    @Test("the key of an encrypted channel is SHA-256 of its name and the master key")
    func sharedSecret() throws {
        let master = try #require(EncryptionMasterKey([UInt8](repeating: 0, count: 32)))
        let key = AppCredentials.sharedSecret(channel: try ChannelName("private-encrypted-a"), masterKey: master)
        let hex = key.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == "3faa79e43658f48e46ea9ed90d84fe51214c1560b4ab290bb38bd2939cff9562")
        #expect(EncryptionMasterKey([1, 2, 3]) == nil)
    }

    @Test("a signed request passes within 600 s, and any change to it is refused")
    func requests() throws {
        let signed = SignedRequest(
            method: "POST", path: "/apps/1/events",
            query: [
                .init("auth_key", "key"), .init("auth_timestamp", "1000"), .init("auth_version", "1.0"),
                .init("body_md5", "bb6cb5c68df4652941caf652a366f2d8"),
                .init("auth_signature", "d36a107e469ba6a586133751fa6c516de8feccf15541d253db020eb3ba92c8dc"),
            ],
            body: Array(#"{"a":1}"#.utf8))
        for time in [400, 1000, 1600] { #expect(throws: Never.self) { try app.verify(signed, unixTime: time) } }
        #expect(throws: RequestSignatureError.expired(seconds: 601)) { try app.verify(signed, unixTime: 1601) }
        var changed = signed
        changed.body = Array(#"{"a":2}"#.utf8)
        #expect(throws: RequestSignatureError.bodyDigest) { try app.verify(changed, unixTime: 1000) }
        changed = signed
        changed.path = "/apps/1/batch_events"
        #expect(throws: RequestSignatureError.signature) { try app.verify(changed, unixTime: 1000) }
        changed = signed
        changed.query.removeAll { $0.name == "body_md5" }
        #expect(throws: RequestSignatureError.signature) { try app.verify(changed, unixTime: 1000) }
        changed = signed
        changed.query.removeAll { $0.name == "auth_key" }
        #expect(throws: RequestSignatureError.missing(parameter: "auth_key")) {
            try app.verify(changed, unixTime: 1000)
        }
    }

    @Test("channel names and socket ids are what the protocol allows")
    func names() {
        for good in ["a", "private-encrypted-cache-x", "a_b=c@d,e.f;g-1", String(repeating: "x", count: 200)] {
            #expect((try? ChannelName(good))?.text == good)
        }
        for bad in ["", "a b", "ü", "a/b", String(repeating: "x", count: 201)] {
            #expect(throws: ChannelNameError.self) { try ChannelName(bad) }
        }
        for bad in ["", "1", "1.", ".1", "1.2.3", "a.b", "1.2 ", String(repeating: "1", count: 40) + ".1"] {
            #expect(SocketID(bad) == nil)
        }
    }
}
