import Hummingbird
import UnitProtocol

/// What the base calls for each measurement: `PUT /webhook/update-unit/{ip}/{value}`, the value percent-encoded.
///
/// `Idempotency-Key` names the measurement: what has come before is not recorded again. `X-Measured-At` and
/// `X-Measurement-Age` say when it was taken: see ``BaseClocks``.
struct WebhookRoutes {
    /// The longest value, in bytes of UTF-8 after decoding.
    static let maximumValueBytes = 256
    private static let prefix = "/webhook/update-unit/"

    let store: Store
    let writer: MeasurementWriter
    let events: LiveEvents
    let base: BaseLink
    let clocks: BaseClocks
    let now: @Sendable () -> Timestamp

    func add(to table: inout RouteTable) {
        table.on(.put, "/webhook/update-unit/**", updateUnit)
        table.on(.put, "/webhook/update-unit", updateUnit)
        table.on(.get, "/webhook/devices", devices)
    }

    private struct Devices: Encodable {
        struct Device: Encodable {
            let id: Int64
            let name: String
            let kind: Hub.Device.Kind
            let address: String
        }
        let devices: [Device]
    }

    /// Which device is at which address: for a base that streams as its units.
    @Sendable private func devices(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.base)
        let devices = try await store.devices()
        return .json(
            Devices(devices: devices.map { .init(id: $0.id, name: $0.name, kind: $0.kind, address: "\($0.address)") }))
    }

    @Sendable private func updateUnit(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.base)
        let (address, value) = try Self.parse(path: request.uri.path, hasQuery: request.uri.query != nil)
        let now = now()
        let key = request.header("Idempotency-Key").flatMap { MeasurementKey($0) }
        let claim = BaseClocks.Claim(
            at: request.header(BaseClocks.atHeader).flatMap { Int64($0) },
            age: request.header(BaseClocks.ageHeader).flatMap { Int64($0) })
        let state = Device.State(value: value, at: clocks.moment(claim, run: key?.run, now: now))
        let outcome = try await writer.record(
            MeasurementWriter.Entry(target: .address(address), state: state, key: key))
        await base.measured(at: now)
        switch outcome {
        case .recorded(let device):
            await events.recorded(state, of: device)
            return .json(["recorded": true])
        case .alreadyRecorded:
            return .json(["recorded": true])
        case .inactive:
            return .json(["recorded": false])
        case .unknownDevice:
            throw APIError.unknownDevice
        }
    }

    /// Takes the path as it stands in the request line: routers split and decode as they like, and a value is text that
    /// may contain anything.
    static func parse(path: String, hasQuery: Bool) throws(APIError) -> (IPv4Address, String) {
        guard !hasQuery else {
            throw .badValue("The path has a question mark; in a value it is written as %3F.")
        }
        guard path.hasPrefix(prefix) else { throw .badValue("The path must be \(prefix)IP/VALUE.") }
        let segments = path.dropFirst(prefix.count).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard segments.count == 2, !segments[1].contains("/") else {
            throw .badValue("The path must be \(prefix)IP/VALUE; in a value a slash is written as %2F.")
        }
        guard let address = try? IPv4Address(String(segments[0])) else {
            throw .badValue("The path must name an IPv4 address such as 192.168.1.20.")
        }
        return (address, try value(segments[1]))
    }

    private static func value(_ encoded: Substring) throws(APIError) -> String {
        let text: String
        do {
            text = try String(percentDecoding: encoded, maximumBytes: maximumValueBytes)
        } catch {
            switch error {
            case .badEscape: throw .badValue("The value has a percent sign that two hex digits do not follow.")
            case .notUTF8: throw .badValue("The value is not UTF-8 text.")
            case .tooLong(let limit): throw .badValue("The value is longer than \(limit) bytes.")
            }
        }
        return try checked(text)
    }

    /// `.` and `..` are refused however they are encoded: software on the way takes them for path segments, so whether
    /// they arrive is luck.
    static func checked(_ text: String) throws(APIError) -> String {
        guard text != ".", text != ".." else { throw .badValue("The value must not be . or .. alone.") }
        do {
            return try Measurement(text).text
        } catch {
            switch error {
            case .empty: throw .badValue("The value is empty.")
            case .controlCharacter: throw .badValue("The value contains a control character.")
            case .tooLong, .notUTF8: throw .badValue("The value is no measurement.")
            }
        }
    }
}
