import UnitProtocol

/// The two kinds of unit.
public enum UnitKind: String, CaseIterable, Codable, Sendable {
    /// A sensor that sends measurements.
    case read
    /// A lamp that takes commands.
    case updatable
}

/// One simulated unit before it exists.
public struct UnitPlan: Hashable, Sendable {
    public var name: String
    public var kind: UnitKind
    public var address: IPv4Address
    /// Where the unit listens; 0 lets the system choose.
    public var port: Int
    public var profile: FirmwareProfile
    public var signal: Signal
    public var period: Duration
    /// By how much a period may be shorter or longer; less than the period.
    public var jitter: Duration
    public var seed: UInt64

    public init(
        name: String, kind: UnitKind, address: IPv4Address, port: Int = UnitPort.firmware,
        profile: FirmwareProfile = .core31, signal: Signal = .uniform, period: Duration = .seconds(1),
        jitter: Duration = .zero, seed: UInt64 = 1
    ) {
        self.name = name
        self.kind = kind
        self.address = address
        self.port = port
        self.profile = profile
        self.signal = signal
        self.period = period
        self.jitter = jitter
        self.seed = seed
    }

    /// The unit's firmware, not yet powered; of a period that jitters, the shortest is the firmware's.
    ///
    /// - Parameter boot: How long the access point takes to let it in.
    func makeFirmware(boot: Duration = .zero) -> any UnitFirmware {
        let station = WiFiStation(address: address, association: boot)
        return switch kind {
        case .read: ReadUnit(profile: profile, station: station, period: period - jitter)
        case .updatable: UpdatableUnit(profile: profile, station: station)
        }
    }
}
