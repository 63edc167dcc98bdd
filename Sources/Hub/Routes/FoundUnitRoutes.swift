import Hummingbird
import Settings
import UnitProtocol

/// Units that bases propose: pages show them, a person adds or dismisses them.
struct FoundUnitRoutes {
    /// The most units in one request.
    static let maximumUnits = 1000
    /// The longest name, in bytes.
    static let maximumNameBytes = 200
    /// The latest time that JSON's numbers hold exactly.
    private static let maximumMilliseconds = 1 << 53

    let store: Store
    let found: FoundUnits
    let events: LiveEvents
    let now: @Sendable () -> Timestamp

    func add(to table: inout RouteTable) {
        table.on(.post, "/webhook/found-units", take)
        table.on(.get, "/api/found-units", list)
        table.on(.delete, "/api/found-units/{ip}", dismiss)
    }

    @Sendable private func take(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.base)
        let now = now()
        let units = try await request.fields { reader in
            guard let elements = reader.list("units", maximumCount: Self.maximumUnits) else {
                if reader.node("units") == nil { reader.report("units", "is missing") }
                return [FoundUnit]()
            }
            return elements.compactMap { Self.read($0.map(), at: now) }
        }
        let known = try await addresses()
        let shown = await found.take(units.filter { !known.contains($0.ip) })
        if shown > 0 { await events.found(shown) }
        return .json(["shown": shown])
    }

    @Sendable private func list(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.read)
        let known = try await addresses()
        return .json(["units": await found.all.filter { !known.contains($0.ip) }])
    }

    @Sendable private func dismiss(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.admin)
        guard let ip = context.parameters.get("ip"), await found.dismiss(ip) else { throw APIError.unknownUnit }
        await events.found(0)
        return .noContent
    }

    /// Where the hub has a device already: those are no news.
    private func addresses() async throws -> Set<String> {
        Set(try await store.devices().map { "\($0.address)" })
    }

    /// Nil where something is wrong, which the reader has been told then.
    private static func read(_ reader: SettingsReader, at now: Timestamp) -> FoundUnit? {
        defer { reader.finish() }
        for key in ["ip", "kind", "by", "at"] where reader.node(key) == nil { reader.report(key, "is missing") }
        let address = reader.parsed("ip", IPv4Address.init)
        let kind = reader.choice("kind", of: FoundUnit.Kind.self)
        let means = reader.choice("by", of: FoundUnit.Means.self)
        let name = reader.string("name", maximumLength: maximumNameBytes)
        if name?.containsControlCharacters == true { reader.report("name", "contains a control character") }
        let at = reader.integer("at", in: 0...maximumMilliseconds)
        guard let address, let kind, let means, let at else { return nil }
        // A base whose clock is ahead does not make a unit look newer than now.
        let time = min(now, Timestamp(milliseconds: Int64(at)))
        return FoundUnit(ip: "\(address)", kind: kind, by: means, name: name, at: time)
    }
}
