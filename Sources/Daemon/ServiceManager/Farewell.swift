import ServiceLifecycle

/// Calls a function when a stop was asked for. The last in the list of services is the first to hear of that.
struct Farewell: Service {
    let say: @Sendable () -> Void

    func run() async {
        try? await gracefulShutdown()
        guard Task.isShuttingDownGracefully else { return }
        say()
    }
}
