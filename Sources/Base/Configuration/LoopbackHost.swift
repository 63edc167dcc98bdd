import UnitProtocol

/// Hosts that never leave the machine.
enum LoopbackHost {
    static func matches(_ host: String) -> Bool {
        if host.lowercased() == "localhost" || host == "::1" || host == "[::1]" { return true }
        guard let address = try? IPv4Address(host) else { return false }
        return address.bits >> 24 == 127
    }
}
