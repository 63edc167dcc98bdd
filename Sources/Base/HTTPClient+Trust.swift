import AsyncHTTPClient
import NIOCore
import NIOSSL

extension HTTPClient {
    /// A client that speaks to those alone who prove who they are.
    ///
    /// - Parameters:
    ///   - timeout: How long an answer may be silent once it has begun; its beginning has a deadline of each request's own.
    ///   - connections: To one host.
    /// - Throws: What is wrong with the files that `trust` names.
    convenience init(
        trusting trust: TLSSettings, timeout: Duration, connections: Int, group: any EventLoopGroup
    ) throws {
        var configuration = HTTPClient.Configuration(tlsConfiguration: try trust.configuration())
        // Called when the handshake is over and before a request gets the connection.
        let check: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            guard !trust.pins.isEmpty else { return channel.eventLoop.makeSucceededVoidFuture() }
            return channel.nioSSL_peerCertificate().flatMapThrowing { try trust.checkKey($0) }
                .flatMapError { error in
                    channel.close(promise: nil)
                    return channel.eventLoop.makeFailedFuture(error)
                }
        }
        configuration.http1_1ConnectionDebugInitializer = { channel in
            check(channel).flatMap { PlausibleStatus.guarding(channel) }
        }
        configuration.http2ConnectionDebugInitializer = check
        // A redirect would carry the token elsewhere.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        configuration.timeout.read = TimeAmount(timeout)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        self.init(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }
}
