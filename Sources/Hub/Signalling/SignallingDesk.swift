import Channels
import Logging
import ServiceLifecycle

/// The hub's signalling: owns the connections, and carries out what ``SignallingServer`` decides.
actor SignallingDesk: Service {
    typealias ConnectionID = SignallingServer.ConnectionID

    private var server: SignallingServer
    private var outboxes: [ConnectionID: Outbox] = [:]
    private var lastNumber: UInt64 = 0
    private var timer: Task<Void, any Error>?
    private var isStopped = false
    private let admission: SignallingAdmission
    private let logger: Logger
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    init(admission: SignallingAdmission, limits: SignallingServer.Limits = .init(), logger: Logger) {
        server = SignallingServer(limits: limits)
        self.admission = admission
        self.logger = logger
        start = clock.now
    }

    /// Sends everybody away at the graceful shutdown.
    func run() async throws {
        try? await gracefulShutdown()
        isStopped = true
        feed(.stop)
        timer?.cancel()
    }

    /// Takes a new connection, or refuses it by its outbox.
    func connect(_ outbox: Outbox, _ request: SignallingRequest, _ credentials: WebSocketCredentials) async
        -> ConnectionID
    {
        let rights = await admission.rights(for: request, credentials)
        lastNumber += 1
        let id = ConnectionID(number: lastNumber)
        guard !isStopped else {
            outbox.close(.normal, "")
            return id
        }
        outboxes[id] = outbox
        feed(.connected(id, request, rights))
        return id
    }

    func receive(_ text: String, from id: ConnectionID) {
        feed(.received(id, text: text))
    }

    func disconnect(_ id: ConnectionID) {
        outboxes.removeValue(forKey: id)?.finish()
        feed(.disconnected(id))
    }

    private func feed(_ input: SignallingServer.Input) {
        // Who is cut while an input is carried out leaves after it, not within it.
        var inputs = [input]
        while !inputs.isEmpty {
            for action in server.on(inputs.removeFirst(), at: clock.now - start) {
                if let cut = carryOut(action) { inputs.append(.disconnected(cut)) }
            }
        }
    }

    /// - Returns: The connection that this was too much for.
    private func carryOut(_ action: SignallingServer.Action) -> ConnectionID? {
        switch action {
        case .send(let id, let text):
            guard let outbox = outboxes[id], !outbox.send(text) else { return nil }
            logger.warning("signalling.slow-consumer", metadata: ["limit": "\(Outbox.limit)"])
            outboxes[id] = nil
            return id
        case .stream(let id, let text):
            outboxes[id]?.stream(text)
        case .close(let id):
            outboxes.removeValue(forKey: id)?.close(.normal, "")
        case .wake(let moment):
            schedule(moment)
        }
        return nil
    }

    private func schedule(_ moment: Duration) {
        timer?.cancel()
        let deadline = start + moment
        timer = Task {
            try await clock.sleep(until: deadline)
            feed(.wake)
        }
    }
}

extension CloseCode {
    /// Neither side wants to say anything more (RFC 6455, section 7.4.1).
    fileprivate static let normal = CloseCode(rawValue: 1000)
}
