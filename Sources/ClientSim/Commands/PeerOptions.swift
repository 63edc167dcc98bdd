import ArgumentParser
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

    var configuration: PeerConfiguration {
        var configuration = PeerConfiguration()
        configuration.host = udpHost
        configuration.port = udpPort
        configuration.addresses = addresses
        configuration.stunServer = stun
        configuration.limits = .live
        return configuration
    }
}
