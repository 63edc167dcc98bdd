import Logging

/// Says what a token is good for. Remembers each token for a moment, so that a base with a thousand requests a second
/// does not ask the database for each; a token that is revoked, here or by another process, is refused at most
/// ``memory`` later.
actor TokenVerifier {
    static let memory = Duration.seconds(1)
    /// How often the time of last use is written.
    static let useNoteInterval = Duration.seconds(60)
    private static let maximumRemembered = 1_000

    private struct Remembered {
        var token: Store.StoredToken
        var readAt: Duration
        var useNotedAt: Duration?
    }

    private let store: Store
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let uptime: @Sendable () -> Duration
    private var remembered: [Int64: Remembered] = [:]

    init(
        store: Store, logger: Logger, now: @escaping @Sendable () -> Timestamp,
        uptime: @escaping @Sendable () -> Duration
    ) {
        self.store = store
        self.logger = logger
        self.now = now
        self.uptime = uptime
    }

    func caller(bearing text: String) async throws -> Caller? {
        guard let secret = Secret(.token, text: text) else { return nil }
        guard let entry = try await entry(secret.id), secret.matches(entry.secretHash) else { return nil }
        await noteUse(secret.id)
        return .token(id: secret.id, entry.ability)
    }

    /// Called when a token is deleted here, so that it is refused at once.
    func forget(_ id: Int64) {
        remembered[id] = nil
    }

    private func entry(_ id: Int64) async throws -> Store.StoredToken? {
        if let known = remembered[id], uptime() - known.readAt < Self.memory { return known.token }
        guard let token = try await store.token(id) else {
            remembered[id] = nil
            return nil
        }
        if remembered.count >= Self.maximumRemembered { remembered.removeAll() }
        remembered[id] = Remembered(token: token, readAt: uptime(), useNotedAt: remembered[id]?.useNotedAt)
        return token
    }

    private func noteUse(_ id: Int64) async {
        let time = uptime()
        guard remembered[id] != nil else { return }
        if let noted = remembered[id]?.useNotedAt, time - noted < Self.useNoteInterval { return }
        remembered[id]?.useNotedAt = time
        do {
            try await store.noteTokenUse(id, at: now())
        } catch {
            logger.warning("token.use.not-noted", metadata: ["token": "\(id)", "error": "\(error)"])
        }
    }
}
