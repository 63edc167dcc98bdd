import HTTPTypes
import Hummingbird
import NIOCore

/// What a base with many measurements calls: `POST /webhook/update-units` with
/// `{"measurements":[{"key":"RUN-SEQUENCE","ip":"192.168.1.20","value":"512","at":1700000000000,"age":3}]}`.
///
/// All that are taken are in one commit. The answer names those that are not, by their place:
/// `{"recorded":1,"refused":[{"index":1,"status":404,"reason":"…"}]}`. `OPTIONS` tells that there is this path, and how many
/// it takes.
struct BatchWebhookRoutes {
    /// The most measurements of one request.
    static let mostMeasurements = 1000
    /// The most bytes of one request.
    static let bodyLimit = 1 << 20
    private static let limitHeader = "X-Most-Measurements"

    let writer: MeasurementWriter
    let events: LiveEvents
    let base: BaseLink
    let clocks: BaseClocks
    let now: @Sendable () -> Timestamp

    private struct Answer: Encodable {
        struct Refusal: Encodable {
            var index: Int
            var status: Int
            var reason: String
        }
        /// How many are kept, those included that had come before.
        var recorded = 0
        var refused: [Refusal] = []

        mutating func refuse(_ index: Int, _ error: APIError) {
            refused.append(Refusal(index: index, status: error.status.code, reason: error.message))
        }
    }

    func add(to table: inout RouteTable) {
        table.on(.options, "/webhook/update-units") { _, context in
            try context.require(.base)
            var response = Response(status: .noContent, headers: [.allow: "OPTIONS, POST"])
            if let name = HTTPField.Name(Self.limitHeader) { response.headers[name] = "\(Self.mostMeasurements)" }
            return response
        }
        table.on(.post, "/webhook/update-units", updateUnits)
    }

    @Sendable private func updateUnits(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.base)
        let measurements = try Self.read(try await request.bodyBytes(upTo: Self.bodyLimit))
        let now = now()
        var answer = Answer()
        var entries: [MeasurementWriter.Entry] = []
        // The places of the entries in the request.
        var places: [Int] = []
        entries.reserveCapacity(measurements.count)
        places.reserveCapacity(measurements.count)
        for (index, measurement) in measurements.enumerated() {
            do throws(APIError) {
                entries.append(try entry(measurement, at: now))
                places.append(index)
            } catch {
                answer.refuse(index, error)
            }
        }
        let outcomes = try await writer.record(entries)
        await base.measured(at: now)
        for (place, outcome) in zip(places, outcomes) {
            switch outcome {
            case .recorded, .alreadyRecorded: answer.recorded += 1
            case .inactive: break
            case .unknownDevice: answer.refuse(place, .unknownDevice)
            }
        }
        await tell(entries, outcomes)
        answer.refused.sort { $0.index < $1.index }
        return .json(answer)
    }

    /// Pages that are open see the newest of each device; what came late with it is in the history.
    private func tell(_ entries: [MeasurementWriter.Entry], _ outcomes: [MeasurementWriter.Outcome]) async {
        guard await events.isAnybodyListening else { return }
        for (device, state) in Self.newest(entries, outcomes) { await events.recorded(state, of: device) }
    }

    /// The newest state of each device that was recorded; of several at the same moment, that which was named last.
    static func newest(
        _ entries: [MeasurementWriter.Entry], _ outcomes: [MeasurementWriter.Outcome]
    ) -> [Int64: Device.State] {
        var newest: [Int64: Device.State] = [:]
        for (entry, outcome) in zip(entries, outcomes) {
            guard case .recorded(let device) = outcome else { continue }
            if newest[device].map({ $0.at <= entry.state.at }) ?? true { newest[device] = entry.state }
        }
        return newest
    }

    private static func read(_ body: ByteBuffer) throws(APIError) -> [BatchMeasurement] {
        let measurements: [BatchMeasurement]
        do {
            measurements = try BatchParser.measurements(of: body)
        } catch {
            throw .badJSON(#"it is no {"measurements":[{"key":"…","ip":"…","value":"…","age":0}, …]}"#)
        }
        guard (1...mostMeasurements).contains(measurements.count) else {
            throw .invalid("measurements must hold 1 to \(mostMeasurements) of them")
        }
        return measurements
    }

    private func entry(
        _ measurement: BatchMeasurement, at now: Timestamp
    ) throws(APIError) -> MeasurementWriter.Entry {
        guard let address = measurement.address else {
            throw .badValue("ip must be an IPv4 address such as 192.168.1.20.")
        }
        guard measurement.value.utf8.count <= WebhookRoutes.maximumValueBytes else {
            throw .badValue("The value is longer than \(WebhookRoutes.maximumValueBytes) bytes.")
        }
        let value = try WebhookRoutes.checked(measurement.value)
        let moment = clocks.moment(measurement.claim, run: measurement.key?.run, now: now)
        return MeasurementWriter.Entry(
            target: .address(address), state: Device.State(value: value, at: moment), key: measurement.key)
    }
}
