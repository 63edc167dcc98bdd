/// How much of the chip's slowness the model keeps.
public enum ChipTiming: String, Sendable, CaseIterable {
    /// Bytes take their time on the wire, and so do erasing and programming.
    case real
    /// Everything happens at once.
    case fast

    /// The time of so many bytes on the wire, ten bits each.
    func wire(_ bytes: Int, baud: Int) -> Duration {
        switch self {
        case .real: .nanoseconds(Int64(bytes) * 10_000_000_000 / Int64(max(1, baud)))
        case .fast: .zero
        }
    }

    func busy(_ time: Duration) -> Duration {
        self == .real ? time : .zero
    }
}
