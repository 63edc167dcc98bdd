import Settings
import UnitProtocol

/// What `config.json` says: the keys of the original base, and optional ones that only add.
///
/// See `docs/base.md` for each key, `firmware-spec/07-config-json.md` for the contract.
public struct Configuration: Equatable, Sendable {
    /// The units that are read, in the order of the file, each once.
    public var clients: [IPv4Address]
    public var api: APISettings
    public var pusher: PusherSettings
    /// Which units may be dialled at all.
    public var allowed: AllowedAddresses
    public var units: UnitSettings
    public var commands: CommandSettings
    public var webhook: WebhookSettings
    public var outbox: OutboxConfiguration
    /// Nil: this base has all units alone.
    public var cluster: ClusterSettings?
    /// Where units are looked for; nil: nowhere.
    public var discovery: DiscoverySettings?
    /// Which units browsers may watch live; nil: none.
    public var live: LiveSettings?
    public var operations: OperationsSettings
    /// What runs, but should be looked at; the messages read as those of problems do.
    public var warnings: [SettingsProblem]

    /// Reads the text of a `config.json`.
    ///
    /// - Parameter sources: Where secrets are that the text does not hold.
    /// - Throws: `SettingsError` with everything that is wrong, each with its path.
    public init(json text: String, sources: SecretSources = .none) throws {
        let document = SettingsReader(document: try SettingsNode(json: text))
        var warnings: [SettingsProblem] = []
        let clients = Self.readClients(document, &warnings)
        let networks = document.list("allow", maximumCount: 1024)?.compactMap { $0.parsed(IPv4Network.init) }
        let api = APISettings(Self.section("api", of: document, isRequired: true), sources, &warnings)
        let pusher = PusherSettings(Self.section("pusher", of: document, isRequired: true), sources, &warnings)
        let units = UnitSettings(Self.section("units", of: document, isRequired: false))
        let commands = CommandSettings(Self.section("commands", of: document, isRequired: false))
        let webhook = WebhookSettings(Self.section("webhook", of: document, isRequired: false), &warnings)
        let outbox = OutboxConfiguration(Self.section("outbox", of: document, isRequired: false), sources)
        let cluster = ClusterSettings(
            Self.section("cluster", of: document, isRequired: false), sources, &warnings)
        let discovery = DiscoverySettings(
            Self.section("discovery", of: document, isRequired: false), allow: networks ?? IPv4Network.rfc1918)
        if cluster != nil, discovery?.networks.isEmpty == false {
            // A sweep holds no lease of what it dials.
            document.report(
                "discovery.sweep",
                "cannot go together with cluster: two bases could be connected to one unit; leave sweep out, \"mdns\": true "
                    + "may stay, or sweep with a base that is in no cluster and has no units in common with it")
        }
        let live = LiveSettings(Self.section("live", of: document, isRequired: false), clients: clients)
        let operations = OperationsSettings(Self.section("operations", of: document, isRequired: false))
        document.finish()
        try document.throwIfProblems()
        guard let api, let pusher else { throw SettingsError(problems: document.problems) }
        self.clients = clients
        self.allowed = AllowedAddresses(listed: Set(clients), networks: networks ?? IPv4Network.rfc1918)
        self.api = api
        self.pusher = pusher
        self.units = units
        self.commands = commands
        self.webhook = webhook
        self.outbox = outbox
        self.cluster = cluster
        self.discovery = discovery
        self.live = live
        self.operations = operations
        self.warnings = warnings
    }

    private static func section(
        _ key: String, of document: SettingsReader, isRequired: Bool
    ) -> SettingsReader? {
        let section = document.map(key)
        if section == nil, isRequired {
            document.report(key, "is missing")
        }
        return section
    }

    private static func readClients(
        _ document: SettingsReader, _ warnings: inout [SettingsProblem]
    ) -> [IPv4Address] {
        guard let elements = document.list("clients") else {
            if document.node("clients") == nil {
                document.report("clients", "is missing; write [] when no unit is to be read")
            }
            return []
        }
        var seen: Set<IPv4Address> = []
        return elements.compactMap { element in
            guard let address = element.parsed(IPv4Address.init) else { return nil }
            guard AllowedAddresses.isUnicast(address) else {
                element.report("\(address) is no address of a unit (it is a multicast, broadcast or \"this\" address)")
                return nil
            }
            guard seen.insert(address).inserted else {
                warnings.append(SettingsProblem(path: element.path, message: "\(address) is listed twice; read once"))
                return nil
            }
            return address
        }
    }
}
