import Logging
import UnitProtocol

/// Passes commands on to whoever listens for requests, and keeps the last one of each device as its state.
struct RequestDispatcher: Sendable {
    /// What became of a command.
    struct Dispatched: Equatable, Sendable {
        /// Names the request in what the bases say of it.
        var id: DeviceRequest.ID
        /// How many bases were told.
        var listeners: Int
        /// Whether the hub keeps it. A command cannot be called back once a base has it, so that nothing was kept is no
        /// reason to send it again.
        var recorded: Bool
    }

    let store: Store
    let writer: MeasurementWriter
    let broker: any EventBroker
    let channel: RequestChannel
    let requests: DeviceRequests
    let logger: Logger
    let now: @Sendable () -> Timestamp
    /// For each device one command after the other, so that the state that is kept last is that which was sent last.
    private let turns = Turns<Int64>(waitingLimit: 100)

    init(
        store: Store, writer: MeasurementWriter, broker: any EventBroker, channel: RequestChannel,
        requests: DeviceRequests, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.writer = writer
        self.broker = broker
        self.channel = channel
        self.requests = requests
        self.logger = logger
        self.now = now
    }

    /// - Throws: ``APIError`` or another error when nobody was told; never after somebody was.
    func dispatch(_ command: Command, to device: Int64) async throws -> Dispatched {
        try await turns.run(device) {
            let (id, listeners) = try await publish(command, to: device)
            return Dispatched(id: id, listeners: listeners, recorded: await record(command, of: device))
        }
    }

    private func publish(_ command: Command, to id: Int64) async throws -> (DeviceRequest.ID, Int) {
        guard let device = try await store.device(id) else { throw APIError.unknownDevice }
        guard device.kind == .updatable else { throw APIError.notUpdatable }
        guard device.active else { throw APIError.inactiveDevice }
        guard await broker.listeners(on: channel.name) > 0 else { throw await noListener() }
        // Before a base hears of it: its answer must find the request.
        let request = await requests.begin(id, at: now())
        await LiveEvents(broker: broker).request(request, of: id)
        let body = Body(id: request.id, ip: "\(device.address)", payload: command.payload)
        let data = try channel.data(LiveEvents.json(body))
        let listeners = await broker.publish(RequestChannel.event, data: data, on: channel.name)
        guard listeners > 0 else { throw await noListener() }
        return (request.id, listeners)
    }

    private struct Body: Encodable {
        let id: DeviceRequest.ID
        let ip: String
        let payload: String
    }

    private func noListener() async -> APIError {
        let isEncrypted = channel.encryption != nil
        let other = isEncrypted ? HubChannel.requests : HubChannel.encryptedRequests
        guard await broker.listeners(on: other) > 0 else { return .noBase }
        return isEncrypted ? .noEncryptedBase : .noPlainBase
    }

    private func record(_ command: Command, of id: Int64) async -> Bool {
        let state = Device.State(value: command.payload, at: now())
        do {
            guard case .recorded = try await writer.record(.init(target: .device(id), state: state)) else {
                return false
            }
        } catch {
            logger.error("request.not-recorded", metadata: ["device": "\(id)", "error": "\(error)"])
            return false
        }
        await LiveEvents(broker: broker).recorded(state, of: id)
        return true
    }
}
