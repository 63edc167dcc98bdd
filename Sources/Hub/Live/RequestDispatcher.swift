import Logging
import UnitProtocol

/// Passes commands on to whoever listens for requests, and keeps the last one of each device as its state.
struct RequestDispatcher: Sendable {
    /// What became of a command.
    struct Dispatched: Equatable, Sendable {
        /// How many bases were told.
        var listeners: Int
        /// Whether the hub keeps it. A command cannot be called back once a base has it, so that nothing was kept is no
        /// reason to send it again.
        var recorded: Bool
    }

    let store: Store
    let writer: MeasurementWriter
    let broker: any EventBroker
    let logger: Logger
    let now: @Sendable () -> Timestamp
    /// For each device one command after the other, so that the state that is kept last is that which was sent last.
    private let turns = Turns<Int64>(waitingLimit: 100)

    init(
        store: Store, writer: MeasurementWriter, broker: any EventBroker, logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.writer = writer
        self.broker = broker
        self.logger = logger
        self.now = now
    }

    /// - Throws: ``APIError`` or another error when nobody was told; never after somebody was.
    func dispatch(_ command: Command, to device: Int64) async throws -> Dispatched {
        try await turns.run(device) {
            let listeners = try await publish(command, to: device)
            return Dispatched(listeners: listeners, recorded: await record(command, of: device))
        }
    }

    private func publish(_ command: Command, to id: Int64) async throws -> Int {
        guard let device = try await store.device(id) else { throw APIError.unknownDevice }
        guard device.kind == .updatable else { throw APIError.notUpdatable }
        guard device.active else { throw APIError.inactiveDevice }
        let data = LiveEvents.json(["ip": "\(device.address)", "payload": command.payload])
        let listeners = await broker.publish("update.request", data: data, on: HubChannel.requests)
        guard listeners > 0 else { throw APIError.noBase }
        return listeners
    }

    private func record(_ command: Command, of id: Int64) async -> Bool {
        let state = Device.State(value: command.payload, at: now())
        do {
            guard case .recorded = try await writer.record(state, for: .device(id)) else { return false }
        } catch {
            logger.error("request.not-recorded", metadata: ["device": "\(id)", "error": "\(error)"])
            return false
        }
        await LiveEvents(broker: broker).recorded(state, of: id)
        return true
    }
}
