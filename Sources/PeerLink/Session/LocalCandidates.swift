import NIOCore

/// The addresses that peers are told.
enum LocalCandidates {
    /// Host candidates, the best first.
    ///
    /// - Parameter local: Of the socket.
    static func hosts(
        _ configuration: PeerConfiguration, local: PeerAddress
    ) throws(PeerLinkError) -> [IceCandidate] {
        let addresses: [PeerAddress]
        if !configuration.addresses.isEmpty {
            addresses = try configuration.addresses.map { text throws(PeerLinkError) in
                guard let address = PeerAddress(host: text, port: local.port) else { throw .notAnAddress(text) }
                return address
            }
        } else if local.isWildcard {
            addresses = interfaces(like: local)
        } else {
            addresses = [local]
        }
        guard !addresses.isEmpty else { throw .noAddresses }
        return addresses.prefix(16).enumerated().map { number, address in
            IceCandidate(.host, address, preference: 65535 - UInt16(number))
        }
    }

    /// Those of the interfaces; loopback's only where there is no other.
    private static func interfaces(like local: PeerAddress) -> [PeerAddress] {
        let devices = (try? System.enumerateDevices()) ?? []
        var seen: Set<PeerAddress> = []
        let addresses = devices.compactMap { device in
            device.address.flatMap { PeerAddress($0) }.flatMap {
                PeerAddress(bytes: $0.bytes, port: local.port)
            }
        }
        .filter { $0.isIPv6 == local.isIPv6 && !$0.isLinkLocal && seen.insert($0).inserted }
        let outer = addresses.filter { !$0.isLoopback }
        return outer.isEmpty ? addresses : outer
    }

    /// The one beyond the NAT.
    static func reflexive(_ address: PeerAddress, base: PeerAddress) -> IceCandidate {
        IceCandidate(.serverReflexive, address, preference: 65535, base: base)
    }
}
