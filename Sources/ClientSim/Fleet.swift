import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnitProtocol

/// Many simulated units in one process.
public struct Fleet: Service {
    /// A unit that listens.
    public struct Member: Hashable, Sendable, Encodable {
        public var name: String
        public var ip: String
        public var port: Int
        public var kind: UnitKind
    }

    private let plans: [UnitPlan]
    private let group: any EventLoopGroup
    private let logger: Logger
    private let report: @Sendable (UnitReport) -> Void
    private let ready: @Sendable ([Member]) throws -> Void

    /// - Parameters:
    ///   - ready: Called once, when all units listen.
    ///   - report: Called on event loops, in order for each unit; must not block.
    public init(
        plans: [UnitPlan], group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger,
        ready: @escaping @Sendable ([Member]) throws -> Void = { _ in },
        report: @escaping @Sendable (UnitReport) -> Void
    ) {
        self.plans = plans
        self.group = group
        self.logger = logger
        self.ready = ready
        self.report = report
    }

    /// Runs all units until a graceful shutdown or cancellation.
    ///
    /// - Throws: ``FleetError`` when a unit cannot listen; those that listened already are stopped.
    public func run() async throws {
        var running: [NIOLoopBound<SimulatedUnit>] = []
        do {
            var members: [Member] = []
            for plan in plans {
                let (unit, member) = try await start(plan)
                running.append(unit)
                members.append(member)
            }
            logger.info("fleet.ready", metadata: ["units": "\(members.count)"])
            try ready(members)
            try? await gracefulShutdown()
        } catch {
            await stop(running)
            throw error
        }
        await stop(running)
    }

    private func start(_ plan: UnitPlan) async throws -> (NIOLoopBound<SimulatedUnit>, Member) {
        let loop = group.next()
        let (logger, report) = (logger, report)
        let unit = try await loop.submit {
            NIOLoopBound(SimulatedUnit(plan: plan, eventLoop: loop, logger: logger, report: report), eventLoop: loop)
        }.get()
        let address = try await loop.flatSubmit { unit.value.start() }.get()
        let member = Member(
            name: plan.name, ip: plan.address.description, port: address?.port ?? plan.port, kind: plan.kind)
        logger.debug(
            "unit.listening",
            metadata: ["unit": "\(member.name)", "address": "\(member.ip)", "port": "\(member.port)"])
        return (unit, member)
    }

    private func stop(_ units: [NIOLoopBound<SimulatedUnit>]) async {
        for unit in units {
            try? await unit.eventLoop.flatSubmit { unit.value.stop() }.get()
        }
    }
}
