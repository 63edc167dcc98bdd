/// Who sends a request, as far as the hub has been shown.
enum Caller: Equatable, Sendable {
    case user(User, session: Int64)
    case token(id: Int64, Ability)

    /// Whether the caller may do what needs `ability`.
    func may(_ ability: Ability) -> Bool {
        switch self {
        case .user: true
        case .token(_, .admin): true
        case .token(_, let own): own == ability
        }
    }
}

/// Somebody who may log in to the dashboard, and may do everything there.
struct User: Equatable, Sendable {
    var id: Int64
    var name: String
}

/// What an API token is good for.
enum Ability: String, CaseIterable, Sendable, Codable {
    /// Everything.
    case admin
    /// Reading the JSON API.
    case read
    /// What the base does: webhooks, and listening for requests.
    case base
    /// Being a device on the signalling server, any of them.
    case device
}
