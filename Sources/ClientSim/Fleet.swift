import Foundation
import Logging
import ServiceLifecycle
import UnitProtocol

/// The units of a fleet file, or of a part of it, as a service.
struct Fleet: Service {
    let host: any FleetHost
    let logger: Logger
    /// Called once, when all units listen that have power from the beginning, with the port of each.
    let ready: @Sendable ([Int]) throws -> Void
    /// Called once at the end of a run that has begun, while the units are still there, or what is left of them.
    let finish: @Sendable (any FleetHost) async throws -> Void

    /// Runs all units until a graceful shutdown or cancellation.
    ///
    /// - Throws: ``FleetError`` when a unit cannot listen, or cannot go on.
    func run() async throws {
        do {
            let ports = try await host.open()
            try await host.start()
            logger.info("fleet.ready", metadata: ["units": "\(ports.count)"])
            try ready(ports)
        } catch {
            await host.stop()
            throw error
        }
        do {
            try await cancelWhenGracefulShutdown { try await host.watch() }
        } catch {
            // What a long run has found out until then is worth more than nothing.
            try? await finish(host)
            await host.stop()
            throw error
        }
        do {
            try await finish(host)
        } catch {
            await host.stop()
            throw error
        }
        await host.stop()
    }
}
