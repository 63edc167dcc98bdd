import NIOPosix

/// Where passwords are hashed and verified: on threads of their own, few at a time, so that logins neither stop the
/// event loops nor take the machine's memory.
///
/// Its methods throw ``AdmissionGate/Full`` when too many wait.
struct PasswordGate: Sendable {
    let costs: PasswordHash.Costs
    private let gate: AdmissionGate
    private let threads: NIOThreadPool

    /// - Parameters:
    ///   - costs: What new hashes are made with.
    ///   - parallel: How many run at the same time; each takes the memory that its costs say.
    ///   - waitingLimit: How many may wait.
    init(
        costs: PasswordHash.Costs = .standard, parallel: Int = 2, waitingLimit: Int = 16,
        threads: NIOThreadPool = .singleton
    ) {
        self.costs = costs
        self.threads = threads
        gate = AdmissionGate(places: parallel, waitingLimit: waitingLimit)
    }

    func hash(_ password: String) async throws -> PasswordHash {
        try await gate.run { [costs, threads] in
            try await threads.runIfActive { try PasswordHash(of: password, costs: costs) }
        }
    }

    /// Whether `password` is what `hash` was made of.
    ///
    /// Without a hash (no such user) the same work is done, and the answer is no: the time that a login takes must not
    /// tell which users exist.
    func verify(_ password: String, against hash: PasswordHash?) async throws -> Bool {
        guard let hash else {
            _ = try await self.hash(password)
            return false
        }
        return try await gate.run { [threads] in
            try await threads.runIfActive { try hash.matches(password) }
        }
    }
}
