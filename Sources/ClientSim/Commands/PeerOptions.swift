import ArgumentParser
import NIOCore
import PeerLink

/// How browsers reach an interface.
struct PeerOptions: ParsableArguments {
    @Option(help: "The address of the UDP socket; 0.0.0.0 for all of IPv4.")
    var udpHost = "0.0.0.0"

    @Option(help: "Its port; 0 takes a free one.")
    var udpPort: UInt16 = 0

    @Option(
        name: .customLong("address"),
        help:
            "An address that browsers are told; may be given several times (default: those of the interfaces that are up)."
    )
    var addresses: [String] = []

    @Option(
        help: ArgumentHelp(
            "A STUN server that is asked for the address beyond a NAT (default: none is asked).", valueName: "name:port"
        ))
    var stun: String?

    func validate() throws {
        for address in addresses + [udpHost] where (try? SocketAddress(ipAddress: address, port: 0)) == nil {
            throw ValidationError("\"\(address)\" is no IP address; write one such as 192.168.1.10")
        }
        guard let stun else { return }
        let parts = stun.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let port = Int(parts[1]), (1...65_535).contains(port) else {
            throw ValidationError("--stun must be a host and a port, such as stun.example.org:3478, not \"\(stun)\"")
        }
    }

    /// - Throws: ``InterfaceError/noConnections(_:)``.
    func host() async throws -> PeerHost {
        do {
            return try await PeerHost.start(configuration)
        } catch {
            throw InterfaceError.noConnections("\(error)")
        }
    }

    private var configuration: PeerConfiguration {
        var configuration = PeerConfiguration()
        configuration.host = udpHost
        configuration.port = udpPort
        configuration.addresses = addresses
        configuration.stunServer = stun
        configuration.limits = .live
        return configuration
    }
}
