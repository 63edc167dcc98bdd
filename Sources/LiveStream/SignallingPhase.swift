/// How a device stands with the hub.
public enum SignallingPhase: Equatable, Sendable {
    case connecting
    case open
    /// Until the next attempt; and why the last one ended.
    case waiting(why: String, again: Duration)
    /// As `waiting`: the hub does not take the device as it is, and is asked again all the same.
    case refused(why: String, again: Duration)
    case stopped
}
