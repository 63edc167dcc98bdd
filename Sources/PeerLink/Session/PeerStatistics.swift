/// What one connection has done.
public struct PeerStatistics: Equatable, Sendable {
    public var messagesSent = 0
    public var bytesSent = 0
    public var messagesReceived = 0
    public var bytesReceived = 0
    /// Given up for newer ones.
    public var messagesDropped = 0
    /// Not taken, for want of room or size.
    public var messagesRefused = 0
    /// Datagrams and messages that were not understood, or not authentic.
    public var malformed = 0
    /// Channels that the peer wanted and did not get.
    public var channelsRefused = 0
    /// How long connecting took; nil before it is done.
    public var connectTime: Duration?

    public init() {}
}
