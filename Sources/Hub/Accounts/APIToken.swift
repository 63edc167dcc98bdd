/// A token as `GET /api/tokens` shows it; the secret is not part of it.
struct APIToken: Equatable, Sendable, Encodable {
    var id: Int64
    var name: String
    var ability: Ability
    var createdAt: Timestamp
    var lastUsedAt: Timestamp?

    private enum CodingKeys: String, CodingKey {
        case id, name, ability, createdAt, lastUsedAt
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(ability, forKey: .ability)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(lastUsedAt, forKey: .lastUsedAt)
    }
}
