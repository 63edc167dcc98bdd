import Channels
import Testing
import UnitProtocol

@testable import Base

@Suite struct RequestReportTests {
    @Test("CH-007: what the dashboard is told names the request, the unit, the result, the reason and the time")
    func json() throws {
        let unit = try IPv4Address("10.0.0.7")
        #expect(
            RequestReport(id: .integer(7), unit, .acknowledged, .microseconds(12_900)).json.text
                == #"{"id":7,"ip":"10.0.0.7","milliseconds":12,"result":"acknowledged"}"#)
        #expect(
            RequestReport(id: .text("a-7"), unit, .failed(.stopping), .seconds(2)).json.text
                == #"{"id":"a-7","ip":"10.0.0.7","milliseconds":2000,"reason":"the base is stopping","result":"failed"}"#
        )
    }

    @Test("CH-007: a reason is cut where it is too long")
    func longReason() throws {
        let report = RequestReport(
            id: .integer(1), try IPv4Address("10.0.0.7"),
            .failed(.connectionLost(String(repeating: "x", count: 1000))), .zero)
        #expect(report.json["reason"]?.string?.utf8.count == RequestReport.maximumReasonBytes)
    }

    @Test("CH-007: each end of a command has its word")
    func outcomes() {
        let ends: [(CommandResult, RequestOutcome)] = [
            (.acknowledged, .acknowledged), (.failed(.expired), .expired), (.failed(.superseded), .superseded),
            (.failed(.queueFull(16)), .refused), (.failed(.notAllowed), .refused),
            (.failed(.tooManyUnits(9)), .refused),
            (.failed(.notConnected), .failed), (.failed(.notAcknowledged), .failed),
            (.failed(.connectionLost("reset")), .failed), (.failed(.stopping), .failed),
        ]
        for (result, outcome) in ends { #expect(RequestOutcome(result) == outcome, "\(result)") }
    }

    @Test("CH-007: an id is a whole number or a short text; without one no result is wanted")
    func ids() throws {
        func id(_ value: JSONValue) throws -> RequestID? {
            try UnitRequest(["ip": "10.0.0.7", "payload": "red", "id": value]).id
        }
        #expect(try UnitRequest(["ip": "10.0.0.7", "payload": "red"]).id == nil)
        #expect(try id(.null) == nil)
        #expect(try id(7) == .integer(7))
        #expect(try id("4f-é") == .text("4f-é"))
        let longest = String(repeating: "x", count: 128)
        #expect(try id(.string(longest)) == .text(longest))
        for bad: JSONValue in [.string(longest + "x"), "", "a\nb", .bool(true), 1.5, .number("1e400"), [1], ["a": 1]] {
            #expect(throws: UnitRequestError.badID, "\(bad)") { try id(bad) }
        }
    }

    @Test("CH-007: a request that is refused has a sender where id and address can be read, and else none")
    func sender() throws {
        let refused: JSONValue = ["ip": "10.0.0.7", "payload": true, "id": 7]
        let sender = try #require(UnitRequest.sender(of: refused))
        #expect(sender.id == .integer(7))
        #expect(sender.unit == (try IPv4Address("10.0.0.7")))
        for data: JSONValue? in [
            nil, "x", ["ip": "lamp", "id": 7], ["ip": "10.0.0.7"], ["ip": "10.0.0.7", "id": [7]],
        ] {
            #expect(UnitRequest.sender(of: data) == nil)
        }
    }
}
