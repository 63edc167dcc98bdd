/// The latest command to a device and what became of it, as the base tells it.
struct DeviceRequest: Equatable, Sendable, Encodable {
    /// Which request it is: the hub's own have ever greater numbers, another publisher's whatever it gave them.
    enum ID: Equatable, Sendable, Encodable {
        /// The longest text, in bytes.
        static let maximumBytes = 128

        case integer(Int)
        case text(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .integer(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    enum Result: String, CaseIterable, Sendable, Encodable {
        /// A base was told, and has not answered.
        case sent
        case acknowledged, expired, superseded, refused, failed
    }

    var id: ID
    var result: Result
    /// Why it is not acknowledged, in the base's words.
    var reason: String?
    /// From the request's arrival at the base to its result.
    var milliseconds: Int?
    /// When the hub sent it, or heard of its result.
    var at: Timestamp

    /// Whether `other` says more or later things of the device. Several bases may answer one request, most of them that they
    /// may not dial its unit: that one has reached it counts. An answer to an earlier request of the hub comes too late.
    func gives(wayTo other: DeviceRequest) -> Bool {
        if other.id == id { return result != .acknowledged }
        if case .integer(let own) = id, case .integer(let theirs) = other.id { return theirs > own }
        return true
    }

    private enum CodingKeys: String, CodingKey {
        case id, result, reason, milliseconds, at
    }

    /// Every key is written, so that readers find it.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(result, forKey: .result)
        try container.encode(reason, forKey: .reason)
        try container.encode(milliseconds, forKey: .milliseconds)
        try container.encode(at, forKey: .at)
    }
}
