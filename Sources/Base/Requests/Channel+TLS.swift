import NIOCore
import NIOSSL

extension Channel {
    /// Puts TLS into a new connection: 1.2 or later; certificate and host name are verified, and the pins where there are any.
    func secure(as host: String, trusting trust: TLSSettings) throws {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        // An address has no place in SNI; it is verified against the certificate's addresses all the same.
        try pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(
                context: NIOSSLContext(configuration: trust.configuration()), serverHostname: isAddress ? nil : host))
        if !trust.pins.isEmpty {
            try pipeline.syncOperations.addHandler(PinnedKeyHandler(settings: trust))
        }
    }
}
