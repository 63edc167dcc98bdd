import CUsrsctp
import Glibc

/// SCTP with one peer, within its DTLS (RFC 8261). Confined to ``PeerLoop``.
///
/// usrsctp calls back while it works; what it says is kept as events, which whoever has called into it takes afterwards with ``takeEvents()``.
final class SctpAssociation {
    enum Event: Equatable {
        case up
        case down
        case message(stream: UInt16, payload: UInt32, bytes: [UInt8])
        /// The peer sends nothing more on these streams.
        case reset([UInt16])
        /// A message went over the limit.
        case tooLarge
    }

    enum SendResult: Equatable {
        case sent
        /// usrsctp's own buffer is full: try again later.
        case full
        case failed(Int32)
    }

    private static var stack: SctpStack { SctpStack.shared }
    private let settings: SctpSettings
    private let remotePort: UInt16
    private let output: (UnsafeRawBufferPointer) -> Void
    private var address: UnsafeMutableRawPointer?
    private var socket: OpaquePointer?
    private var events: [Event] = []
    private var partial: [UInt8] = []
    private var isTooLarge = false

    /// - Parameter output: Gets each packet for the peer; the bytes are there during the call only.
    init(
        localPort: UInt16, remotePort: UInt16, settings: SctpSettings,
        output: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(SctpError) {
        self.settings = settings
        self.remotePort = remotePort
        self.output = output
        address = Self.stack.register(self)
        do {
            try open(localPort)
        } catch {
            close()
            throw error
        }
    }

    private func open(_ localPort: UInt16) throws(SctpError) {
        socket = usrsctp_socket(
            AF_CONN, Int32(SOCK_STREAM.rawValue), cusrsctp_protocol(),
            { _, _, data, count, info, flags, address in
                defer { free(data) }
                let association = SctpStack.shared.association(address)
                association?.received(UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : count), info, flags)
                return 1
            }, nil, 0, address)
        guard let socket else { throw SctpError("making a socket") }
        try settings.apply(to: socket)
        var local = connAddress(localPort)
        try Self.check("binding", withSockaddr(&local) { usrsctp_bind(socket, $0, $1) })
        var remote = connAddress(remotePort)
        let result = withSockaddr(&remote) { usrsctp_connect(socket, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else { throw SctpError("connecting") }
    }

    private func connAddress(_ port: UInt16) -> sockaddr_conn {
        sockaddr_conn(sconn_family: UInt16(AF_CONN), sconn_port: port.bigEndian, sconn_addr: address)
    }

    static func check(_ operation: String, _ result: Int32) throws(SctpError) {
        guard result == 0 else { throw SctpError(operation) }
    }

    /// Takes a packet from the peer.
    func receive(_ packet: UnsafeRawBufferPointer) {
        guard socket != nil else { return }
        usrsctp_conninput(address, packet.baseAddress, packet.count, 0)
    }

    /// What has happened since the last call, in order.
    func takeEvents() -> [Event] {
        guard !events.isEmpty else { return [] }
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// Sends a message, which must not be empty.
    func send(
        _ bytes: [UInt8], stream: UInt16, payload: PayloadKind, isOrdered: Bool, reliability: ChannelReliability
    ) -> SendResult {
        guard let socket else { return .failed(ENOTCONN) }
        var info = sctp_sendv_spa()
        info.sendv_flags = UInt32(SCTP_SEND_SNDINFO_VALID)
        info.sendv_sndinfo.snd_sid = stream
        info.sendv_sndinfo.snd_ppid = payload.rawValue.bigEndian
        info.sendv_sndinfo.snd_flags = UInt16(SCTP_EOR) | (isOrdered ? 0 : UInt16(SCTP_UNORDERED))
        switch reliability {
        case .reliable: break
        case .retransmissions(let count):
            info.sendv_flags |= UInt32(SCTP_SEND_PRINFO_VALID)
            info.sendv_prinfo = sctp_prinfo(pr_policy: UInt16(SCTP_PR_SCTP_RTX), pr_value: count)
        case .lifetime(let milliseconds):
            info.sendv_flags |= UInt32(SCTP_SEND_PRINFO_VALID)
            info.sendv_prinfo = sctp_prinfo(pr_policy: UInt16(SCTP_PR_SCTP_TTL), pr_value: milliseconds)
        }
        let sent = bytes.withUnsafeBytes {
            usrsctp_sendv(
                socket, $0.baseAddress, $0.count, nil, 0, &info, socklen_t(MemoryLayout<sctp_sendv_spa>.size),
                UInt32(SCTP_SENDV_SPA), 0)
        }
        guard sent < 0 else { return .sent }
        return errno == EWOULDBLOCK ? .full : .failed(errno)
    }

    /// Says that nothing more is sent on a stream.
    ///
    /// - Returns: False while another reset is under way: try again later.
    func reset(stream: UInt16) -> Bool {
        guard let socket else { return true }
        return cusrsctp_reset_stream(socket, stream) == 0 || errno != EALREADY && errno != EAGAIN && errno != ENOMEM
    }

    /// Ends the association at once. Not to be called by what usrsctp calls.
    func close() {
        if let socket { usrsctp_close(socket) }
        socket = nil
        if let address { Self.stack.deregister(address) }
        address = nil
        events = []
        partial = []
    }

    // MARK: What usrsctp calls

    func emit(_ packet: UnsafeRawBufferPointer) {
        output(packet)
    }

    private func received(_ data: UnsafeRawBufferPointer, _ info: sctp_rcvinfo, _ flags: Int32) {
        guard data.count > 0 else {
            events.append(.down)
            return
        }
        guard flags & MSG_NOTIFICATION == 0 else { return notified(data) }
        if partial.count + data.count > settings.message {
            isTooLarge = true
            partial = []
        }
        if !isTooLarge { partial += data }
        guard flags & Int32(CUsrsctp.MSG_EOR) != 0 else { return }
        let bytes = partial
        partial = []
        if isTooLarge {
            isTooLarge = false
            events.append(.tooLarge)
        } else {
            events.append(.message(stream: info.rcv_sid, payload: UInt32(bigEndian: info.rcv_ppid), bytes: bytes))
        }
    }

    private func notified(_ data: UnsafeRawBufferPointer) {
        guard data.count >= 8 else { return }
        switch Int32(data.loadUnaligned(as: UInt16.self)) {
        case SCTP_ASSOC_CHANGE where data.count >= MemoryLayout<sctp_assoc_change>.size:
            switch Int32(data.loadUnaligned(as: sctp_assoc_change.self).sac_state) {
            case SCTP_COMM_UP: events.append(.up)
            default: events.append(.down)
            }
        case SCTP_SHUTDOWN_EVENT: events.append(.down)
        case SCTP_PARTIAL_DELIVERY_EVENT:
            partial = []
            isTooLarge = false
        case SCTP_STREAM_RESET_EVENT:
            let flags = Int32(data.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            let failed = SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED
            guard flags & SCTP_STREAM_RESET_INCOMING_SSN != 0, flags & failed == 0 else { return }
            let places = stride(from: cusrsctp_reset_event_streams(), through: data.count - 2, by: 2)
            events.append(.reset(places.map { data.loadUnaligned(fromByteOffset: $0, as: UInt16.self) }))
        default: break
        }
    }
}

/// Hands a structure to a function that wants it as `sockaddr`.
private func withSockaddr<Result>(
    _ address: inout sockaddr_conn, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_conn>.size))
        }
    }
}
