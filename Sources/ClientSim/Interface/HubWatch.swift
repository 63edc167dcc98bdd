import ServiceLifecycle

/// Ends when the interface's own hub ends, which it must not; stops it when everything stops.
struct HubWatch: Service {
    let hub: OwnHub

    func run() async throws {
        let status = await cancelWhenGracefulShutdown { await hub.process.waitForEnd() }
        guard let status else {
            await hub.process.stop(within: OwnHub.stopLimit)
            return
        }
        throw InterfaceError.hubEnded(status: status)
    }
}
