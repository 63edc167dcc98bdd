import CUsrsctp
import Glibc

extension SctpSettings {
    /// Sets what has to be set before the association begins.
    func apply(to socket: OpaquePointer) throws(SctpError) {
        try SctpAssociation.check("choosing not to block", usrsctp_set_non_blocking(socket, 1))
        try Self.set(socket, SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
        try Self.set(socket, SOL_SOCKET, SO_SNDBUF, sendBuffer)
        try Self.set(socket, SOL_SOCKET, SO_RCVBUF, receiveBuffer)
        let level = cusrsctp_protocol()
        try Self.set(socket, level, SCTP_NODELAY, Int32(1))
        let all = sctp_assoc_t(SCTP_ALL_ASSOC)
        try Self.set(
            socket, level, SCTP_ENABLE_STREAM_RESET,
            sctp_assoc_value(assoc_id: all, assoc_value: UInt32(SCTP_ENABLE_RESET_STREAM_REQ)))
        for type in [SCTP_ASSOC_CHANGE, SCTP_SHUTDOWN_EVENT, SCTP_STREAM_RESET_EVENT, SCTP_PARTIAL_DELIVERY_EVENT] {
            try Self.set(
                socket, level, SCTP_EVENT, sctp_event(se_assoc_id: all, se_type: UInt16(type), se_on: 1))
        }
        var streams = sctp_initmsg()
        streams.sinit_num_ostreams = self.streams
        streams.sinit_max_instreams = self.streams
        streams.sinit_max_attempts = attempts
        try Self.set(socket, level, SCTP_INITMSG, streams)
        var limits = sctp_assocparams()
        limits.sasoc_asocmaxrxt = attempts
        try Self.set(socket, level, SCTP_ASSOCINFO, limits)
        var path = sctp_paddrparams()
        path.spp_flags = UInt32(SPP_PMTUD_DISABLE | SPP_HB_DISABLE)
        path.spp_pathmaxrxt = attempts
        path.spp_pathmtu = packet
        try Self.set(socket, level, SCTP_PEER_ADDR_PARAMS, path)
        try Self.set(
            socket, level, SCTP_RTOINFO,
            sctp_rtoinfo(
                srto_assoc_id: 0, srto_initial: retransmission.initial, srto_max: retransmission.most,
                srto_min: retransmission.least))
        try Self.set(
            socket, level, SCTP_DELAYED_SACK,
            sctp_sack_info(sack_assoc_id: 0, sack_delay: acknowledgementDelay, sack_freq: 2))
    }

    private static func set(
        _ socket: OpaquePointer, _ level: Int32, _ option: Int32, _ value: some BitwiseCopyable
    ) throws(SctpError) {
        let result = withUnsafeBytes(of: value) {
            usrsctp_setsockopt(socket, level, option, $0.baseAddress, socklen_t($0.count))
        }
        try SctpAssociation.check("setting option \(option)", result)
    }
}
