import WebSocketClient

extension WebSocketEndpoint {
    /// The broker of `settings`.
    init(_ settings: PusherSettings) {
        self.init(host: settings.host, port: settings.port)
        guard settings.tls else { return }
        let (host, trust) = (settings.host, settings.trust)
        secure = { channel in try channel.secure(as: host, trusting: trust) }
    }
}
