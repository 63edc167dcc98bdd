import ServiceLifecycle

/// Once the server listens, keeps the first user and says that the hub is ready.
///
/// Not before: a password that is shown for a hub whose port is taken would be lost. A user who cannot be kept ends the hub.
struct ReadyAnnouncer: Service {
    let accounts: Accounts
    /// Nil where there is a user already.
    let firstUser: NewUser?
    let onReady: @Sendable (HubServer.Ready) async -> Void
    private let ports: AsyncStream<Int>
    private let port: AsyncStream<Int>.Continuation

    init(accounts: Accounts, firstUser: NewUser?, onReady: @escaping @Sendable (HubServer.Ready) async -> Void) {
        self.accounts = accounts
        self.firstUser = firstUser
        self.onReady = onReady
        (ports, port) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// The server listens on this port.
    func listening(on port: Int) {
        self.port.yield(port)
        self.port.finish()
    }

    func run() async throws {
        for await port in ports.cancelOnGracefulShutdown() {
            if let firstUser { try await accounts.add(firstUser) }
            await onReady(HubServer.Ready(port: port, password: firstUser?.password))
        }
        try await gracefulShutdown()
    }
}
