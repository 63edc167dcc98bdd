import Channels
import UnitProtocol

/// What the dashboard asks for: a payload for a unit.
struct UnitRequest: Equatable, Sendable {
    /// The event that carries it, on a channel of ``RequestEncryption/channels``.
    static let event = "update.request"

    var address: IPv4Address
    var command: Command
    /// Names the request where its result is wanted.
    var id: RequestID?

    /// Reads the event's data, `{"ip": "...", "payload": "...", "id": ...}`; `id` may be left away or null, other keys are
    /// left alone, a number as payload counts as its text, as it was written.
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
        switch members["id"] {
        case nil, .null: id = nil
        case .some(let value):
            guard let read = RequestID(value) else { throw .badID }
            id = read
        }
        self.address = address
    }

    /// Whom a request is from and for, though it be refused; nil where either cannot be read.
    static func sender(of data: JSONValue?) -> (id: RequestID, unit: IPv4Address)? {
        guard let members = data?.object, let id = members["id"].flatMap(RequestID.init),
            let unit = members["ip"]?.string.flatMap({ try? IPv4Address($0) })
        else { return nil }
        return (id, unit)
    }
}

enum UnitRequestError: Error, Equatable, CustomStringConvertible {
    case notAnObject
    case badAddress
    case badPayload(String)
    case badID

    var description: String {
        switch self {
        case .notAnObject: "the request is not an object with ip and payload"
        case .badAddress: "ip is not an IPv4 address (names are never dialled)"
        case .badPayload(let reason): "payload: \(reason)"
        case .badID:
            "id is neither a whole number nor a text of 1 to \(RequestID.maximumBytes) bytes without control characters"
        }
    }
}
