import Channels
import NIOCore
import NIOHTTP1
import Testing
import UnitProtocol

@testable import Base

@Suite struct UnitRequestTests {
    @Test("CH-001: ip and payload, a number as its text, other keys left alone")
    func reads() throws {
        let request = try UnitRequest(["ip": "10.0.0.7", "payload": "red", "id": 7])
        #expect(request.address == (try IPv4Address("10.0.0.7")))
        #expect(request.command.bytes == Array("red\r".utf8))
        #expect(try UnitRequest(["ip": "10.0.0.7", "payload": 42]).command.payload == "42")
    }

    @Test(
        "CH-001: a number reaches the unit as it was written, whichever way the event's data is written",
        arguments: ["42", "-1", "0.10", "1.0", "1e3", "1e20", "100000000000000000000"])
    func numbers(number: String) throws {
        let data = #"{"ip":"10.0.0.7","payload":\#(number)}"#
        let quoted = data.replacing("\"", with: "\\\"")
        for written in [data, "\"\(quoted)\""] {
            let frame = #"{"event":"update.request","channel":"private-requests","data":\#(written)}"#
            guard case .message(let message) = ChannelsMessage.parse(frame, limits: JSONLimits(maximumBytes: 1000))
            else {
                Issue.record("malformed: \(frame)")
                continue
            }
            #expect(try UnitRequest(message.payload).command.payload == number)
        }
    }

    @Test(
        "CH-002: names, paths, and payloads that cannot be one command are refused",
        arguments: [
            (nil, "the request is not an object with ip and payload"),
            (["payload": "red"], "ip is not an IPv4 address (names are never dialled)"),
            (["ip": "lamp.local", "payload": "red"], "ip is not an IPv4 address (names are never dialled)"),
            (["ip": "../../x", "payload": "red"], "ip is not an IPv4 address (names are never dialled)"),
            (["ip": "10.0.0.7"], "payload: is neither a string nor a number"),
            (["ip": "10.0.0.7", "payload": true], "payload: is neither a string nor a number"),
            (
                ["ip": "10.0.0.7", "payload": "red\rblue"],
                "payload: the payload contains a carriage return, which would end the command early; "
                    + "send two commands instead"
            ),
        ] as [(JSONValue?, String)])
    func refuses(data: JSONValue?, message: String) {
        let error = #expect(throws: UnitRequestError.self) { try UnitRequest(data) }
        #expect(error?.description == message)
    }

    @Test("CH-003: the path names the app, the protocol and the client")
    func path() throws {
        let client = ChannelsClient(
            key: "abc", clientName: "iot-base", clientVersion: "0.1.0",
            channels: [try ChannelName(RequestEncryption.plainChannel)], random: { 0 })
        var started = client
        #expect(
            started.on(.start, at: .zero).first == .connect(path: "/app/abc?protocol=7&client=iot-base&version=0.1.0"))
    }

    @Test(
        "WH-001, WH-002: the value is percent-encoded",
        arguments: [
            ("512", "512"), ("21 C", "21%20C"), ("../../x", "..%2F..%2Fx"), ("a?b#c%", "a%3Fb%23c%25"),
            ("ü~_-.", "%C3%BC~_-."),
        ])
    func encoding(value: String, encoded: String) {
        #expect(value.percentEncoded == encoded)
    }

    @Test("WH-004: answers of the dashboard are told apart, and how long they ask to wait")
    func outcomes() {
        #expect(WebhookClient.verdict(.ok) == .accepted)
        #expect(
            WebhookClient.verdict(.notFound)
                == .rejected(status: 404, reason: "the dashboard answered 404 Not Found"))
        #expect(
            WebhookClient.verdict(.notFound, ByteBuffer(string: #"{"error":{"code":"unknown_device"}}"#))
                == .rejected(
                    status: 404, reason: #"the dashboard answered 404 Not Found: {"error":{"code":"unknown_device"}}"#))
        let long = String(repeating: "x", count: WebhookClient.quoteLimit - 1)
        #expect(
            WebhookClient.verdict(.unprocessableEntity, ByteBuffer(string: long + "é and more"))
                == .rejected(status: 422, reason: "the dashboard answered 422 Unprocessable Entity: \(long)"))
        #expect(WebhookClient.retry(.ok, [:]) == nil)
        #expect(WebhookClient.retry(.unprocessableEntity, [:]) == nil)
        for status: HTTPResponseStatus in [.requestTimeout, .tooManyRequests, .internalServerError, .badGateway] {
            guard case .retry(_, .seconds(3)) = WebhookClient.retry(status, ["Retry-After": "3"]) else {
                Issue.record("\(status) is not retried")
                continue
            }
        }
        for (header, pause) in [("7200", Duration.seconds(3600)), ("Sat, 21 Nov 2026 08:00:00 GMT", nil), ("-1", nil)] {
            #expect(
                WebhookClient.retry(.badGateway, ["Retry-After": header])
                    == .retry(reason: "the dashboard answered 502 Bad Gateway", after: pause))
        }
    }
}
