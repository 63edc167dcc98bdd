import NIOHTTP1
import Testing

@testable import Hub

@Suite("Tickets and requests")
struct DeviceTicketTests {
    private let key = DeviceTicketKey(appSecret: "secret")
    private let noon = Timestamp(milliseconds: 1_790_000_000_123)

    @Test("A ticket names its device and ends after seven days, to the second")
    func ticket() {
        let text = DeviceTicket(.watch, device: 5, madeAt: noon).text(key: key)
        #expect(text.hasPrefix("watch.5.1790604800."))
        let end = Timestamp(milliseconds: 1_790_604_800_000)
        #expect(DeviceTicket(text: text, key: key, at: noon) == DeviceTicket(.watch, device: 5, madeAt: noon))
        #expect(DeviceTicket(text: text, key: key, at: end - .milliseconds(1))?.device == 5)
        #expect(DeviceTicket(text: text, key: key, at: end) == nil)
    }

    @Test("A ticket to stream is none to watch, nor the other way round; each names its page")
    func purposes() {
        let stream = DeviceTicket(.stream, device: 5, madeAt: noon)
        let text = stream.text(key: key)
        #expect(text.hasPrefix("stream.5.1790604800.") && DeviceTicket(text: text, key: key, at: noon) == stream)
        #expect(DeviceTicket(text: "watch" + text.dropFirst(6), key: key, at: noon) == nil)
        #expect(stream.path(key: key) == "/interface/5#\(text)")
        let watch = DeviceTicket(.watch, device: 5, madeAt: noon)
        #expect(watch.path(key: key) == "/remote/5#\(watch.text(key: key))")
    }

    @Test("What anybody has changed in a ticket makes it worthless, and so does another key")
    func forged() {
        let text = DeviceTicket(.watch, device: 5, madeAt: noon).text(key: key)
        let parts = text.split(separator: ".").map(String.init)
        let forgeries = [
            "watch.6.\(parts[2]).\(parts[3])", "watch.5.1790604801.\(parts[3])", "watch.5.\(parts[2]).",
            "watch.5.\(parts[2]).AAAA", "watch.05.\(parts[2]).\(parts[3])A", "device.5.\(parts[2]).\(parts[3])",
            text + ".", text + "A", "", "watch", String(repeating: "a", count: 1000),
            "watch.5.99999999999999999999.\(parts[3])", "watch.5.-1.\(parts[3])", "stream.5.\(parts[2]).\(parts[3])",
        ]
        #expect(forgeries.filter { DeviceTicket(text: $0, key: key, at: noon) != nil } == [])
        #expect(DeviceTicket(text: text, key: DeviceTicketKey(appSecret: "other"), at: noon) == nil)
    }

    @Test(
        "A signalling request is read from its target",
        arguments: [
            (
                "/signalling/peerjs?key=peerjs&id=unit-5&token=a.b&version=1.5.4",
                SignallingRequest?.some(.init(key: "peerjs", id: "unit-5", token: "a.b"))
            ),
            (
                "/signalling/peerjs?presence=1&id=a%20b&id=c",
                .init(key: nil, id: "a b", token: nil, wantsPresence: true)
            ),
            ("/signalling/peerjs?key=&id=%zz&token", .init(key: nil, id: nil, token: nil)),
            ("/signalling/peerjs", .init(key: nil, id: nil, token: nil)),
            ("/signalling/peerjs/?key=peerjs", nil), ("/app/key?protocol=7", nil), ("", nil),
        ])
    func target(uri: String, expected: SignallingRequest?) {
        #expect(SignallingRequest(uri: uri) == expected)
    }

    @Test("A session's cookie counts when the page came from the hub, or when no page sent it")
    func cookie() {
        let cookie = ("Cookie", "a=b; iot_session=ios_1_x")
        #expect(WebSocketCredentials(HTTPHeaders([cookie, ("Host", "hub:1")])) == .init(session: "ios_1_x"))
        #expect(
            WebSocketCredentials(HTTPHeaders([cookie, ("Host", "hub:1"), ("Origin", "http://hub:1")]))
                == .init(session: "ios_1_x"))
        #expect(
            WebSocketCredentials(HTTPHeaders([cookie, ("Host", "hub:1"), ("Origin", "http://hub:2")]))
                == .init(session: nil))
        #expect(WebSocketCredentials(HTTPHeaders([("Host", "hub:1")])) == .init())
        #expect(WebSocketCredentials(HTTPHeaders([("Authorization", "bearer iot_1_x")])) == .init(token: "iot_1_x"))
        #expect(WebSocketCredentials(HTTPHeaders([("Authorization", "Basic x")])) == .init())
    }
}
