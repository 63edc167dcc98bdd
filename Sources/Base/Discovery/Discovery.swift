import Logging
import NIOCore
import ServiceLifecycle
import UnitProtocol
import struct Foundation.Date

/// Looks for units that nobody has told the base of, and proposes them to the dashboard. What is found is not dialled for
/// anything else.
struct Discovery: Service {
    let settings: DiscoverySettings
    let units: Units
    let sender: ProposalSender
    let group: any EventLoopGroup
    let logger: Logger

    /// How many descriptors a base that looks for units takes for it at most.
    static func descriptors(for settings: DiscoverySettings?) -> Int {
        guard let settings else { return 0 }
        return (settings.networks.isEmpty ? 0 : SweepSchedule.concurrency) + (settings.usesMulticastDNS ? 1 : 0)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { tasks in
                if !settings.networks.isEmpty {
                    let sweep = Sweep(
                        settings,
                        probe: UnitProbe(timeout: settings.timeout, listening: settings.listening, group: group),
                        units: units)
                    tasks.addTask { await sweep.run { await take($0, kind: $1, by: .sweep, name: nil) } }
                }
                if settings.usesMulticastDNS {
                    let link = MulticastLink(interface: settings.interface, group: group, logger: logger)
                    tasks.addTask {
                        await link.run { service in
                            for address in service.addresses {
                                await take(address, kind: service.kind, by: .mdns, name: service.name)
                            }
                        }
                    }
                }
            }
        }
        await sender.stop()
    }

    private func take(_ address: IPv4Address, kind: FoundUnit.Kind, by means: FoundUnit.Means, name: String?) async {
        // Units that are read are no news.
        guard !units.lists(address) else { return }
        // Anyone in the network can announce anything.
        if means == .mdns, !units.allows(address) {
            logger.debug("found.refused", metadata: ["unit": "\(address)", "why": "it lies in no network of allow"])
            return
        }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let unit = FoundUnit(address: address, kind: kind, means: means, name: name, at: now)
        logger.debug("unit.found", metadata: ["unit": "\(address)", "kind": "\(kind)", "by": "\(means)"])
        await sender.add(unit)
    }
}
