import Channels
import UnitProtocol

/// What the dashboard asks for: a payload for a unit.
struct UnitRequest: Equatable, Sendable {
    /// The event that carries it, on ``channel``.
    static let event = "update.request"
    static let channel = "private-requests"

    var address: IPv4Address
    var command: Command

    /// Reads the event's data, `{"ip": "...", "payload": "..."}`; other keys are left alone, a number counts as its text,
    /// as it was written.
    ///
    /// - Throws: ``UnitRequestError``.
    init(_ data: JSONValue?) throws(UnitRequestError) {
        guard let members = data?.object else { throw .notAnObject }
        guard let text = members["ip"]?.string, let address = try? IPv4Address(text) else { throw .badAddress }
        let payload: String
        switch members["payload"] {
        case .string(let text): payload = text
        case .integer(let number): payload = String(number)
        case .number(let literal): payload = literal
        default: throw .badPayload("is neither a string nor a number")
        }
        do {
            self.command = try Command(payload: payload)
        } catch {
            throw .badPayload(error.description)
        }
        self.address = address
    }
}

enum UnitRequestError: Error, Equatable, CustomStringConvertible {
    case notAnObject
    case badAddress
    case badPayload(String)

    var description: String {
        switch self {
        case .notAnObject: "the request is not an object with ip and payload"
        case .badAddress: "ip is not an IPv4 address (names are never dialled)"
        case .badPayload(let reason): "payload: \(reason)"
        }
    }
}
