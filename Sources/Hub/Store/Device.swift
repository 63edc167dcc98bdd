import UnitProtocol

/// A unit that the hub knows, as `GET /api/devices` shows it.
struct Device: Equatable, Sendable, Encodable {
    enum Kind: String, CaseIterable, Sendable, Codable {
        case read
        case updatable
    }

    /// A value and when it was recorded.
    struct State: Equatable, Sendable, Encodable {
        var value: String
        var at: Timestamp
    }

    var id: Int64
    var uuid: String
    var name: String
    var kind: Kind
    var address: IPv4Address
    var active: Bool
    /// The newest measurement of a read unit; the last payload that was sent to an updatable one, which answers nothing.
    var lastState: State?

    private enum CodingKeys: String, CodingKey {
        case id, uuid, name, kind, address, active, lastState
    }

    /// `lastState` is written as null where there is none, so that readers find every key.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(uuid, forKey: .uuid)
        try container.encode(name, forKey: .name)
        try container.encode(kind, forKey: .kind)
        try container.encode("\(address)", forKey: .address)
        try container.encode(active, forKey: .active)
        try container.encode(lastState, forKey: .lastState)
    }
}
