/// What can be wrong with a unit, or with the network to it.
public enum Fault: Hashable, Sendable {
    /// New clients are refused with a reset; the one that is served stays.
    case refuse
    /// Nothing that is sent to the unit arrives, and nothing of it comes out.
    case blackHole
    /// The unit has forgotten its client, which hears nothing of it; it serves the next. When the fault is over, what the
    /// forgotten client sends is answered with a reset.
    case halfOpen
    /// The connection ends with a reset.
    case reset
    /// The unit takes no more than so many bytes a second from its client.
    case slowReader(bytesPerSecond: Int)
    /// Bytes take so long each way, and up to `jitter` longer.
    case latency(Duration, jitter: Duration)
    /// Power goes and comes: no end of the connection is heard, and no answer until the unit has booted.
    case reboot(boot: Duration)
    /// Another unit has the same address: now this one answers, now that one, and connections break at each change.
    case duplicateAddress(change: Duration)
    /// Each line is of random bytes.
    case garbage
    /// The end of each line comes with the next one.
    case partial
    /// Each line is of so many bytes.
    case oversized(bytes: Int)
    /// The unit's clock is so wrong that it sends after this time instead.
    case wrongPeriod(Duration)
    /// Power is too low: the unit boots, and resets again within twice the boot's time, until the fault is over.
    case brownOut(boot: Duration)

    /// The names in a fleet file.
    public enum Kind: String, CaseIterable, Codable, Sendable {
        case refuse
        case blackHole = "black-hole"
        case halfOpen = "half-open"
        case reset
        case slowReader = "slow-reader"
        case latency
        case reboot
        case duplicateAddress = "duplicate-address"
        case garbage
        case partial
        case oversized
        case wrongPeriod = "wrong-period"
        case brownOut = "brown-out"

        /// Whether it happens and is over, so that there is no `for`.
        var isMoment: Bool { self == .reset || self == .reboot }

        /// Whether it takes a descriptor beside the listener and the connection of a unit.
        var leavesConnections: Bool { [.halfOpen, .reboot, .brownOut].contains(self) }
    }

    public var kind: Kind {
        switch self {
        case .refuse: .refuse
        case .blackHole: .blackHole
        case .halfOpen: .halfOpen
        case .reset: .reset
        case .slowReader: .slowReader
        case .latency: .latency
        case .reboot: .reboot
        case .duplicateAddress: .duplicateAddress
        case .garbage: .garbage
        case .partial: .partial
        case .oversized: .oversized
        case .wrongPeriod: .wrongPeriod
        case .brownOut: .brownOut
        }
    }
}
