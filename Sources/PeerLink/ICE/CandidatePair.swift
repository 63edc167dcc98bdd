/// A way to the peer: there is one local socket, so the remote address is all that tells pairs apart.
struct CandidatePair: Equatable, Sendable {
    enum State: Equatable, Sendable {
        case waiting
        /// A check is under way, sent so often, again when the time has come.
        case checking(TransactionID, nominates: Bool, attempts: Int, again: Duration)
        case succeeded
        case failed
    }

    let remote: PeerAddress
    let priority: UInt64
    var state = State.waiting
    /// Whether the controlling side wants this one; for the controlled side before its own check has succeeded too.
    var isNominated = false

    var hasSucceeded = false

    init(remote: PeerAddress, priority: UInt64) {
        self.remote = remote
        self.priority = priority
    }

    /// RFC 8445, 6.1.2.3.
    static func priority(controlling: UInt32, controlled: UInt32) -> UInt64 {
        let (less, more) = (UInt64(min(controlling, controlled)), UInt64(max(controlling, controlled)))
        return (less << 32) + more * 2 + (controlling > controlled ? 1 : 0)
    }
}
