import CUsrsctp

/// The process's one SCTP stack. Confined to ``PeerLoop``: usrsctp has no thread of its own here, its clock is advanced and its packets are
/// taken by the same loop.
final class SctpStack {
    nonisolated(unsafe) static let shared = SctpStack()

    private var associations: [UInt: SctpAssociation] = [:]
    private var next: UInt = 1

    private init() {
        cusrsctp_init { address, packet, length, _, _ in
            guard let packet else { return 0 }
            let association = SctpStack.shared.association(address)
            association?.emit(UnsafeRawBufferPointer(start: packet, count: length))
            return 0
        }
        // Of what usrsctp can do beyond RFC 8831 nothing is offered to a peer.
        usrsctp_sysctl_set_sctp_ecn_enable(0)
        usrsctp_sysctl_set_sctp_asconf_enable(0)
        usrsctp_sysctl_set_sctp_auto_asconf(0)
        usrsctp_sysctl_set_sctp_auth_enable(0)
        usrsctp_sysctl_set_sctp_nrsack_enable(0)
        usrsctp_sysctl_set_sctp_pktdrop_enable(0)
        // A packet for no association is not answered.
        usrsctp_sysctl_set_sctp_blackhole(2)
    }

    /// - Parameter address: A number that was given out as one; never a pointer to anything.
    func association(_ address: UnsafeMutableRawPointer?) -> SctpAssociation? {
        associations[UInt(bitPattern: address)]
    }

    /// Gives an association the number that usrsctp knows it by.
    func register(_ association: SctpAssociation) -> UnsafeMutableRawPointer? {
        let number = next
        next += 1
        associations[number] = association
        let address = UnsafeMutableRawPointer(bitPattern: number)
        usrsctp_register_address(address)
        return address
    }

    func deregister(_ address: UnsafeMutableRawPointer?) {
        usrsctp_deregister_address(address)
        associations[UInt(bitPattern: address)] = nil
    }

    var count: Int { associations.count }

    /// Lets the clock go on; calls back into associations, whose events are to be taken afterwards.
    func advance(milliseconds: UInt32) {
        guard !associations.isEmpty else { return }
        usrsctp_handle_timers(milliseconds)
    }
}
