import Channels
import ServiceLifecycle

/// Notices when a base comes to listen for requests, and when the last one has gone, and tells the pages.
struct BaseWatch: Service {
    let broker: Broker
    let base: BaseLink
    let now: @Sendable () -> Timestamp

    func run() async throws {
        let events = LiveEvents(broker: broker)
        // Ends with the broker.
        for await (channel, isOccupied) in broker.occupancy where channel.text == HubChannel.requests {
            if let state = await base.occupied(isOccupied, at: now()) {
                await events.base(state)
            }
        }
        // The broker stops first; a service that ended before it is told to would count as failed.
        try? await gracefulShutdown()
    }
}
