import Channels
import PeerLink
import Testing

@testable import LiveStream

/// What travels between a device and others: docs/live.md has the formats.
struct LiveMessageTests {
    private let description = LiveDescription(name: "gauge", signal: "sine:2s", rate: 100, isRunning: true)

    @Test("a ping is answered with its number as it was written, the device's time, and what it streams")
    func pong() throws {
        for (text, at) in [(#"{"type":"ping","at":12.50}"#, "12.50"), (#"{"at":7,"type":"ping"}"#, "7")] {
            for message in [ChannelMessage.text(text), .bytes(Array(text.utf8))] {
                guard case .ping(let number)? = WatcherMessage(message) else { return #expect(Bool(false), "\(text)") }
                #expect(
                    WatcherMessage.pong(at: number, description, now: 1.5).text
                        == #"{"at":\#(at),"name":"gauge","rate":100.0,"running":true,"signal":"sine:2s","time":1.5,"type":"pong"}"#
                )
            }
        }
    }

    @Test("what is not known of a stream is left out")
    func unknown() {
        #expect(
            WatcherMessage.pong(at: 1, LiveDescription(name: "s", isRunning: false), now: 2).text
                == #"{"at":1,"name":"s","running":false,"time":2.0,"type":"pong"}"#)
    }

    @Test(
        "anything else is no ping",
        arguments: [
            "", "{}", #"{"type":"ping"}"#, #"{"type":"ping","at":"1"}"#, #"{"type":"ping","at":1e999}"#,
            #"{"type":"pong","at":1}"#, #"[[[[[[1]]]]]]"#,
            #"{"type":"ping","at":1,"x":""# + String(repeating: "a", count: 5000) + #""}"#,
        ])
    func noPing(text: String) {
        #expect(WatcherMessage(.text(text)) == nil)
    }

    @Test("through the hub samples go as rows")
    func rows() {
        let samples = [LiveSample(sequence: 1, time: 2.5, value: -3), LiveSample(sequence: 2, time: 3, value: 0.1)]
        #expect(
            SignallingMessage.relay(samples)
                == #"{"payload":{"samples":[[1,2.5,-3.0],[2,3.0,0.1]]},"type":"RELAY"}"#)
    }

    @Test(
        "a controller asks for what it wants to change",
        arguments: [
            (#"{"type":"control"}"#, ControlRequest?.some(ControlRequest())),
            (#"{"type":"control","running":true}"#, ControlRequest(isRunning: true)),
            (
                #"{"type":"control","running":false,"rate":2.5,"signal":"walk:20"}"#,
                ControlRequest(isRunning: false, rate: 2.5, signal: "walk:20")
            ),
            (#"{"type":"control","rate":null,"signal":null,"running":null}"#, ControlRequest()),
            (#"{"type":"control","rate":0}"#, nil), (#"{"type":"control","rate":-1}"#, nil),
            (#"{"type":"control","rate":1e999}"#, nil), (#"{"type":"control","rate":"10"}"#, nil),
            (#"{"type":"control","running":1}"#, nil), (#"{"type":"control","signal":5}"#, nil),
            (#"{"type":"state"}"#, nil), (#"{}"#, nil), (#"5"#, nil),
        ])
    func control(text: String, expected: ControlRequest?) throws {
        let payload = try JSONValue(text: text, limits: SignallingMessage.limits)
        #expect(ControlRequest(payload) == expected)
    }

    @Test("a controller is told how the stream is, what it could be, and who watches")
    func report() {
        let report = ControlReport(
            description, signals: ["uniform"], mostRate: 1000, made: 3,
            link: ("/remote/1#watch", "2026-01-01T00:00:00Z"),
            clients: [LiveStream.Client(id: "ann", state: .direct, sent: 2, skipped: 1)])
        #expect(
            report.payload.text
                == #"{"clients":[{"id":"ann","sent":2,"skipped":1,"state":"direct"}],"link":{"expiresAt":"2026-01-01T00:00:00Z","path":"/remote/1#watch"},"#
                + #""made":3,"mostRate":1000.0,"name":"gauge","rate":100.0,"running":true,"signal":"sine:2s","signals":["uniform"],"type":"state"}"#
        )
    }

    @Test("however many watch, what a controller is told fits into a message of the signalling")
    func largest() {
        let clients = (0..<500).map {
            LiveStream.Client(
                id: String(repeating: "i", count: 60) + "\($0)", state: .connecting, sent: .max, skipped: .max)
        }
        let report = ControlReport(description, made: 3, clients: clients)
        #expect(SignallingMessage.control(report.payload, to: String(repeating: "c", count: 64)).utf8.count < 64 * 1024)
    }

    @Test("a hub's address gives host, port and the path before the signalling's own")
    func place() throws {
        let place = try LivePlace(hub: "https://hub.example.org/iot/", device: 5, token: "t")
        #expect(place.endpoint.host == "hub.example.org" && place.endpoint.port == 443 && place.endpoint.secure != nil)
        #expect(
            place.path.hasPrefix("/iot/signalling/peerjs?key=peerjs&id=unit-5&token=")
                && place.path.hasSuffix("&presence=1"))
        let plain = try LivePlace(hub: "http://[::1]:8080", device: 5, token: "t")
        #expect(plain.endpoint.host == "::1" && plain.endpoint.port == 8080 && plain.endpoint.secure == nil)
        #expect(plain.endpoint.headers.map { "\($0): \($1)" } == ["Authorization: Bearer t"])
        for bad in ["", "hub", "ws://hub", "http://", "http://a@hub", "http://hub?x", "http://hub#x"] {
            #expect(throws: LivePlaceError.badURL(bad)) { try LivePlace(hub: bad, device: 5, token: "t") }
        }
        for bad in ["", "a b", "a\r\nX: y", "ü"] {
            #expect(throws: LivePlaceError.badToken) { try LivePlace(hub: "http://hub", device: 5, token: bad) }
        }
    }
}
