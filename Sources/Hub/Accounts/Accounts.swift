import Logging

/// Logs users in and out.
actor Accounts {
    /// How long a session lasts, however much it is used.
    static let sessionLifetime = Duration.seconds(14 * 86_400)
    static let maximumNameBytes = 100
    static let maximumPasswordBytes = 1024

    private let store: Store
    private let passwords: PasswordGate
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let uptime: @Sendable () -> Duration
    private var throttle = LoginThrottle()

    init(
        store: Store, passwords: PasswordGate, logger: Logger, now: @escaping @Sendable () -> Timestamp,
        uptime: @escaping @Sendable () -> Duration
    ) {
        self.store = store
        self.passwords = passwords
        self.logger = logger
        self.now = now
        self.uptime = uptime
    }

    /// A user with a random password, to be added where there is none yet; nil where there is one.
    func firstUser(named name: String) async throws -> NewUser? {
        guard try await !store.hasUsers() else { return nil }
        let password = Self.randomPassword()
        return NewUser(name: name, password: password, hash: try await passwords.hash(password))
    }

    func add(_ user: NewUser) async throws {
        try await store.addUser(name: user.name, passwordHash: user.hash)
    }

    /// Gives a user a new random password and ends the user's sessions.
    ///
    /// - Throws: ``HubError/noSuchUser(name:)``.
    func resetPassword(of name: String) async throws -> String {
        let password = Self.randomPassword()
        guard try await store.setPassword(of: name, to: passwords.hash(password), endingSessions: true) else {
            throw HubError.noSuchUser(name: name)
        }
        return password
    }

    /// Starts a session.
    ///
    /// - Parameter address: Where the login comes from.
    /// - Throws: ``APIError/badCredentials``, ``APIError/throttled(_:)``, or ``AdmissionGate/Full``.
    func logIn(user name: String, password: String, from address: String) async throws -> (User, Secret) {
        if case .refused(let retryAfter) = throttle.attempt(from: address, user: name, at: uptime()) {
            logger.notice("login.throttled", metadata: ["address": "\(address)"])
            throw APIError.throttled(retryAfter)
        }
        let stored = try await store.user(named: name)
        let hash = stored.flatMap { PasswordHash(text: $0.passwordHash) }
        guard try await passwords.verify(password, against: hash), let stored, let hash else {
            logger.notice("login.failed", metadata: ["address": "\(address)"])
            throw APIError.badCredentials
        }
        throttle.succeeded(from: address, user: name, at: uptime())
        if hash.costs != passwords.costs {
            let raised = try await passwords.hash(password)
            _ = try await store.setPassword(of: name, to: raised, endingSessions: false)
        }
        let secret = try await store.addSession(
            for: stored.user.id, at: now(), until: now() + Self.sessionLifetime)
        logger.info("login.succeeded", metadata: ["address": "\(address)", "user": "\(stored.user.name)"])
        return (stored.user, secret)
    }

    func logOut(session: Int64) async throws {
        try await store.deleteSession(session)
    }

    /// Who a cookie belongs to.
    func caller(withSession text: String) async throws -> Caller? {
        guard let secret = Secret(.session, text: text), let user = try await store.user(ofSession: secret, at: now())
        else { return nil }
        return .user(user, session: secret.id)
    }

    /// 120 random bits, in a form that can be typed.
    private static func randomPassword() -> String {
        [UInt8].random(15).base64URL
    }
}

/// A user who is not yet kept, with the password in plain text.
struct NewUser: Sendable {
    let name: String
    let password: String
    let hash: PasswordHash
}
