/// What became of a message that was to be sent.
public enum SendResult: Equatable, Sendable {
    case queued
    /// So many older ones of the channel were given up for it.
    case queuedInPlaceOf(Int)
    case refused(SendRefusal)
}

/// Why a message is not taken.
public enum SendRefusal: String, Equatable, Sendable {
    /// The queue has no room: try again when some of it has gone.
    case full
    /// The same, and the connection is closed for it.
    case tooSlow
    /// Larger than this side or the peer takes.
    case tooLarge
    case closed
}
