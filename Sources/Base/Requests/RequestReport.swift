import Channels
import UnitProtocol

/// What the dashboard is told of a request that has named an ``RequestID``.
struct RequestReport: Equatable, Sendable {
    /// The longest reason, in bytes; the rest is left away.
    static let maximumReasonBytes = 300

    var id: RequestID
    var unit: IPv4Address
    var outcome: RequestOutcome
    /// Why it is not acknowledged.
    var reason: String?
    /// From the request's arrival at the base to its result.
    var took: Duration

    init(id: RequestID, unit: IPv4Address, outcome: RequestOutcome, reason: String?, took: Duration) {
        self.id = id
        self.unit = unit
        self.outcome = outcome
        self.reason = reason
        self.took = took
    }

    /// The result of a command that was handed to its unit.
    init(id: RequestID, _ unit: IPv4Address, _ result: CommandResult, _ took: Duration) {
        self.init(id: id, unit: unit, outcome: RequestOutcome(result), reason: nil, took: took)
        if case .failed(let failure) = result { reason = "\(failure)" }
    }

    /// The body of `POST /webhook/request-result`.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": id.json, "ip": .string("\(unit)"), "result": .string(outcome.rawValue),
            "milliseconds": .integer(Int(took / .milliseconds(1))),
        ]
        members["reason"] = reason.map {
            .string(String(decoding: $0.utf8.prefix(Self.maximumReasonBytes), as: UTF8.self))
        }
        return .object(members)
    }
}
