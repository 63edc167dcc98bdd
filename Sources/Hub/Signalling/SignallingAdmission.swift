import Logging

/// Finds out what a peer may do: by its PeerJS token, which is a ticket or an API token, else by the API token in its
/// request's header, else by its session.
struct SignallingAdmission: Sendable {
    let store: Store
    let accounts: Accounts
    let tokens: TokenVerifier
    let ticketKey: WatchTicketKey
    let now: @Sendable () -> Timestamp

    /// Nil for nothing: also where the database does not answer, or for a device that the hub does not have.
    func rights(for request: SignallingRequest, _ credentials: WebSocketCredentials) async -> PeerRights? {
        do {
            guard let rights = try await shown(request.token ?? "", credentials) else { return nil }
            if case .watching(let device?) = rights, try await store.device(device) == nil { return nil }
            if let device = request.id.flatMap(PeerID.init)?.device, try await store.device(device) == nil {
                return nil
            }
            return rights
        } catch {
            return nil
        }
    }

    private func shown(_ token: String, _ credentials: WebSocketCredentials) async throws -> PeerRights? {
        if let ticket = WatchTicket(text: token, key: ticketKey, at: now()) { return .watching(ticket.device) }
        if let caller = try await tokens.caller(bearing: token) { return Self.rights(of: caller) }
        if let token = credentials.token {
            return try await tokens.caller(bearing: token).flatMap(Self.rights)
        }
        guard let session = credentials.session else { return nil }
        return try await accounts.caller(withSession: session).flatMap(Self.rights)
    }

    private static func rights(of caller: Caller) -> PeerRights? {
        switch caller {
        case .user, .token(_, .admin): .everything
        case .token(_, .device): .devices
        case .token(_, .read): .watching(nil)
        case .token(_, .base): nil
        }
    }
}
