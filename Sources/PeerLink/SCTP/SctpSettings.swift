/// What an association may take, and its times.
struct SctpSettings: Equatable, Sendable {
    /// Streams either way; each costs memory from the start.
    var streams: UInt16 = 1024
    /// Bytes of a packet: what a datagram of 1280 bytes holds beside the headers of IPv6, UDP and DTLS.
    var packet: UInt32 = 1172
    /// Bytes that usrsctp holds for the peer, and from it.
    var sendBuffer: Int32 = 256 * 1024
    var receiveBuffer: Int32 = 256 * 1024
    /// The largest message that is taken, in bytes.
    var message = 64 * 1024
    var retransmission = Retransmission()
    /// How often a packet is sent: without end in practice, because ICE is what knows whether the peer is still there, and says so first.
    var attempts: UInt16 = 100
    /// Milliseconds that an acknowledgement may wait for another one.
    var acknowledgementDelay: UInt32 = 20

    /// Milliseconds until what was not acknowledged is sent again.
    struct Retransmission: Equatable, Sendable {
        var initial: UInt32 = 500
        var least: UInt32 = 200
        var most: UInt32 = 3000
    }
}
