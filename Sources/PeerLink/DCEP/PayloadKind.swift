/// What an SCTP message of a data channel holds: its payload protocol identifier (RFC 8831, 8).
enum PayloadKind: UInt32 {
    case establishment = 50
    case text = 51
    case binary = 53
    /// One byte that is not part of the message: SCTP cannot carry an empty one.
    case emptyText = 56
    case emptyBinary = 57
}
