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
    private let connectionsOfAddress: Int
    /// Whom connections are counted for, from before they are admitted.
    private var addresses: [ConnectionID: String] = [:]
    private var counts: [String: Int] = [:]
    private let logger: Logger
    private let uptime: @Sendable () -> Duration

    /// - Parameters:
    ///   - connectionsOfAddress: From one address. Loopback is exempt: a reverse proxy brings all its clients from there.
    ///   - uptime: Counts from any fixed moment and never jumps.
    init(
        admission: SignallingAdmission, limits: SignallingServer.Limits = .init(), connectionsOfAddress: Int = 512,
        uptime: @escaping @Sendable () -> Duration, logger: Logger
    ) {
        self.connectionsOfAddress = connectionsOfAddress
        server = SignallingServer(limits: limits)
        self.admission = admission
        self.logger = logger
        self.uptime = uptime
    }

    /// Sends everybody away at the graceful shutdown.
    func run() async throws {
        try? await gracefulShutdown()
        isStopped = true
        feed(.stop)
        timer?.cancel()
    }

    /// Takes a new connection, or refuses it by its outbox.
    ///
    /// - Parameter address: Whom to count it for; nil for nobody.
    /// - Returns: What ``disconnect(_:)`` wants at its end; nil when the address has too many.
    func connect(
        _ outbox: Outbox, _ request: SignallingRequest, _ credentials: WebSocketCredentials, from address: String?
    ) async -> ConnectionID? {
        let ofAddress = address.flatMap { counts[$0] } ?? 0
        guard ofAddress < connectionsOfAddress else {
            logger.debug("signalling.refused", metadata: ["address": "\(address ?? "")", "open": "\(ofAddress)"])
            _ = outbox.send(SignallingMessage.error(.full))
            outbox.close(.normal, "")
            return nil
        }
        lastNumber += 1
        let id = ConnectionID(number: lastNumber)
        if let address {
            addresses[id] = address
            counts[address] = ofAddress + 1
        }
        let rights = await admission.rights(for: request, credentials)
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
        if let address = addresses.removeValue(forKey: id), let count = counts[address] {
            counts[address] = count > 1 ? count - 1 : nil
        }
        feed(.disconnected(id))
    }

    private func feed(_ input: SignallingServer.Input) {
        // Who is cut while an input is carried out leaves after it, not within it.
        var inputs = [input]
        while !inputs.isEmpty {
            for action in server.on(inputs.removeFirst(), at: uptime()) {
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
        case .pass(let id, let text, let source, let expired):
            guard let outbox = outboxes[id], !outbox.pass(text) else { return nil }
            if let source, let expired { return carryOut(.send(source, expired)) }
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
        let pause = moment - uptime()
        timer = Task {
            try await Task.sleep(for: pause)
            feed(.wake)
        }
    }
}

extension CloseCode {
    /// Neither side wants to say anything more (RFC 6455, section 7.4.1).
    fileprivate static let normal = CloseCode(rawValue: 1000)
}
