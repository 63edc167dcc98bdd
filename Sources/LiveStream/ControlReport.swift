import Channels

/// What a controller is told: how the stream is, what it could be, and who watches.
public struct ControlReport: Equatable, Sendable {
    public var description: LiveDescription
    /// Which signals it can stream; empty where that is not to be chosen, as of a real sensor.
    public var signals: [String]
    /// The most values a second; nil where that is not to be chosen.
    public var mostRate: Double?
    /// How many samples were made.
    public var made: Int
    /// The address of the page to watch, and until when whoever has it may use it (as the hub says it); nil where only the hub knows.
    public var link: (path: String, expiresAt: String)?
    public var clients: [LiveStream.Client]

    public init(
        _ description: LiveDescription, signals: [String] = [], mostRate: Double? = nil, made: Int,
        link: (path: String, expiresAt: String)? = nil, clients: [LiveStream.Client]
    ) {
        self.description = description
        self.signals = signals
        self.mostRate = mostRate
        self.made = made
        self.link = link
        self.clients = clients
    }

    public static func == (left: ControlReport, right: ControlReport) -> Bool { left.payload == right.payload }

    /// As many as the hub passes on in one message.
    private static let mostClients = 200

    var payload: JSONValue {
        var members = description.members
        members["type"] = "state"
        members["signals"] = .array(signals.map { .string($0) })
        members["mostRate"] = mostRate.map { .number("\($0)") }
        members["made"] = .integer(made)
        members["link"] = link.map { ["path": .string($0.path), "expiresAt": .string($0.expiresAt)] }
        members["clients"] = .array(
            clients.prefix(Self.mostClients).map { client in
                [
                    "id": .string(client.id), "state": .string(client.state.rawValue), "sent": .integer(client.sent),
                    "skipped": .integer(client.skipped),
                ]
            })
        return .object(members)
    }
}
