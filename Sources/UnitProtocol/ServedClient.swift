/// The one connection that the sketch serves, as `WiFiClient` shows it.
struct ServedClient: Sendable {
    private var buffer: [UInt8] = []
    private var readIndex = 0
    var peerHasClosed = false
    var wasReset = false

    var unreadCount: Int { buffer.count - readIndex }

    mutating func receive(_ bytes: [UInt8]) {
        if readIndex == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            readIndex = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Takes the unread bytes up to and including the first CR.
    ///
    /// - Returns: Whether CR was there; `take` sees the bytes before it.
    mutating func read(_ take: (ArraySlice<UInt8>) -> Void) -> Bool {
        let unread = buffer[readIndex...]
        let end = unread.firstIndex(of: Command.terminator)
        take(unread[..<(end ?? unread.endIndex)])
        readIndex = end.map { $0 + 1 } ?? buffer.count
        return end != nil
    }

    /// `WiFiClient::connected()`.
    func isConnected(_ profile: FirmwareProfile) -> Bool {
        guard !wasReset else { return false }
        return !peerHasClosed || (profile.readsAfterPeerClosed && unreadCount > 0)
    }

    /// `WiFiClient::operator bool()`, which the sketch asks before it serves a client.
    func isTruthy(_ profile: FirmwareProfile) -> Bool {
        unreadCount > 0 || isConnected(profile)
    }
}
