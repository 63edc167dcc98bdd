import Logging

/// Finds out what a peer may do: by its PeerJS token, which is a ticket or an API token, else by what stands in its
/// request's header, which may be either too, else by its session.
struct SignallingAdmission: Sendable {
    let store: Store
    let accounts: Accounts
    let tokens: TokenVerifier
    let ticketKey: DeviceTicketKey
    let now: @Sendable () -> Timestamp

    /// Nil for nothing: also where the database does not answer, or for a device that the hub does not have.
    func rights(for request: SignallingRequest, _ credentials: WebSocketCredentials) async -> PeerRights? {
        do {
            guard let rights = try await shown(request.token ?? "", credentials) else { return nil }
            if let device = rights.onlyDevice, try await store.device(device) == nil { return nil }
            if let device = request.id.flatMap(PeerID.init)?.device, try await store.device(device) == nil {
                return nil
            }
            return rights
        } catch {
            return nil
        }
    }

    private func shown(_ token: String, _ credentials: WebSocketCredentials) async throws -> PeerRights? {
        if let rights = try await rights(of: token) { return rights }
        if let token = credentials.token { return try await rights(of: token) }
        guard let session = credentials.session else { return nil }
        return try await accounts.caller(withSession: session).flatMap(Self.rights)
    }

    private func rights(of token: String) async throws -> PeerRights? {
        if let ticket = DeviceTicket(text: token, key: ticketKey, at: now()) {
            return switch ticket.purpose {
            case .watch: .watching(ticket.device)
            case .stream: .device(ticket.device)
            }
        }
        return try await tokens.caller(bearing: token).flatMap(Self.rights)
    }

    private static func rights(of caller: Caller) -> PeerRights? {
        switch caller {
        case .user, .token(_, .admin): .everything
        // A base speaks for all units.
        case .token(_, .device), .token(_, .base): .devices
        case .token(_, .read): .watching(nil)
        }
    }
}
