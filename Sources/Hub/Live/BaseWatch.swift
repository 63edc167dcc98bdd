import Channels
import ServiceLifecycle

/// Notices when a base comes to listen for requests, and when the last one has gone, and tells the pages.
struct BaseWatch: Service {
    let broker: Broker
    let base: BaseLink
    let now: @Sendable () -> Timestamp

    func run() async throws {
        let events = LiveEvents(broker: broker)
        var occupied: Set<String> = []
        // Ends with the broker.
        for await (channel, isOccupied) in broker.occupancy where HubChannel.ofRequests.contains(channel.text) {
            if isOccupied { occupied.insert(channel.text) } else { occupied.remove(channel.text) }
            if let state = await base.occupied(!occupied.isEmpty, at: now()) {
                await events.base(state)
            }
        }
        // The broker stops first; a service that ended before it is told to would count as failed.
        try? await gracefulShutdown()
    }
}
