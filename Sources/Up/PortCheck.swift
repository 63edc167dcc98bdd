import Glibc
import NIOCore
import NIOPosix
import UnitProtocol

/// Finds out before anything starts whether the addresses that the system needs are free.
struct PortCheck: Sendable {
    var group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup

    /// - Throws: ``UpError/hubPortBusy(_:)``, ``UpError/unitAddressBusy(_:)``, ``UpError/cannotListen(_:reason:)``.
    func check(hubPort: Int, units: [SystemPlan.Unit]) async throws {
        if hubPort != 0 {
            try await check("127.0.0.1", hubPort, busy: .hubPortBusy(hubPort))
        }
        for unit in units {
            try await check(
                unit.address.description, UnitPort.firmware, busy: .unitAddressBusy(unit.address))
        }
    }

    private func check(_ host: String, _ port: Int, busy: UpError) async throws {
        do {
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port).get()
            try await listener.close()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw busy
        } catch {
            throw UpError.cannotListen("\(host):\(port)", reason: "\(error)")
        }
    }
}
