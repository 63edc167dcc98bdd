/// One peer's WebSocket at the signalling.
struct SignallingConnection: Sendable {
    let request: SignallingRequest
    let credentials: WebSocketCredentials
    let frames: WebSocketFrames

    func run(_ desk: SignallingDesk) async {
        await WebSocketPump(frames: frames).run { outbox in
            let id = await desk.connect(outbox, request, credentials)
            return WebSocketPump.Listener(
                receive: { await desk.receive($0, from: id) }, leave: { await desk.disconnect(id) })
        }
    }
}
