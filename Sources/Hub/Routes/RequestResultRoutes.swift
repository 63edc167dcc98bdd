import Hummingbird
import Settings
import UnitProtocol

/// What became of requests: bases tell it, pages read it.
struct RequestResultRoutes {
    /// The longest reason, in bytes.
    static let maximumReasonBytes = 1000
    /// The longest time that a base may say it took (a day).
    static let maximumMilliseconds = 86_400_000

    let store: Store
    let requests: DeviceRequests
    let events: LiveEvents
    let now: @Sendable () -> Timestamp

    private struct Listed: Encodable {
        let device: Int64
        let request: DeviceRequest
    }

    func add(to table: inout RouteTable) {
        table.on(.post, "/webhook/request-result", take)
        table.on(.get, "/api/requests") { _, context in
            try context.require(.read)
            return .json(["requests": await requests.all.map(Listed.init)])
        }
    }

    @Sendable private func take(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.base)
        let now = now()
        let fields = try await request.fields { ($0.parsed("ip", IPv4Address.init), Self.read($0, at: now)) }
        guard let address = fields.0, let result = fields.1 else { throw APIError.failed }
        guard let device = try await store.device(at: address) else { throw APIError.unknownDevice }
        guard device.active, await requests.take(result, of: device.id) else { return .json(["recorded": false]) }
        await events.request(result, of: device.id)
        return .json(["recorded": true])
    }

    /// Nil where something is wrong, which the reader has been told then.
    private static func read(_ reader: SettingsReader, at now: Timestamp) -> DeviceRequest? {
        for key in ["id", "ip", "result", "milliseconds"] where reader.node(key) == nil {
            reader.report(key, "is missing")
        }
        let id = id(reader)
        let result = reader.choice("result", of: DeviceRequest.Result.self)
        let reason = reader.string("reason", maximumLength: maximumReasonBytes)
        let milliseconds = reader.integer("milliseconds", in: 0...maximumMilliseconds)
        if result == .sent { reader.report("result", "must be what became of the request") }
        guard let id, let result, let milliseconds else { return nil }
        return DeviceRequest(id: id, result: result, reason: reason, milliseconds: milliseconds, at: now)
    }

    private static func id(_ reader: SettingsReader) -> DeviceRequest.ID? {
        switch reader.node("id") {
        case nil: return nil
        case .integer(let number): return .integer(number)
        case .string(let text)
        where (1...DeviceRequest.ID.maximumBytes).contains(text.utf8.count) && !text.containsControlCharacters:
            return .text(text)
        default:
            reader.report(
                "id",
                "must be a whole number, or a text of 1 to \(DeviceRequest.ID.maximumBytes) bytes without control characters"
            )
            return nil
        }
    }
}
