/// One peer's WebSocket at the signalling.
struct SignallingConnection: Sendable {
    let request: SignallingRequest
    let credentials: WebSocketCredentials
    let frames: WebSocketFrames

    func run(_ desk: SignallingDesk) async {
        let address = BrokerConnection.countedAddress(frames.channel.remoteAddress?.ipAddress)
        await WebSocketPump(frames: frames).run { outbox in
            guard let id = await desk.connect(outbox, request, credentials, from: address) else { return nil }
            return WebSocketPump.Listener(
                receive: { await desk.receive($0, from: id) }, leave: { await desk.disconnect(id) })
        }
    }
}
