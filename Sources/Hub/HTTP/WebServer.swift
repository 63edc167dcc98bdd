import Foundation
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Runs the HTTP server, and says what to do when it cannot listen.
struct WebServer<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    let application: Application<Responder>
    let host: String
    let port: Int

    /// - Throws: ``HubError/cannotListen(host:port:reason:)`` when the port cannot be had.
    func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError {
            throw HubError.cannotListen(host: host, port: port, reason: String(cString: strerror(error.errnoCode)))
        } catch let error as SocketAddressError {
            throw HubError.cannotListen(host: host, port: port, reason: "\(error)")
        }
    }
}
