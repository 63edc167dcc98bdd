/// How long a channel tries to bring a message over (RFC 8831, 6.1).
public enum ChannelReliability: Equatable, Sendable {
    case reliable
    /// A message that is lost so often is given up; 0 sends each once.
    case retransmissions(UInt32)
    /// A message that has not arrived for so long is given up.
    case lifetime(milliseconds: UInt32)
}
