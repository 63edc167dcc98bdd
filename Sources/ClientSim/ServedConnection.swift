import NIOCore
import UnitProtocol

/// The connection that a unit serves: what has arrived and waits for room in the firmware's window.
///
/// NIO reads all that the kernel holds when the peer's FIN comes, so more than the window may be here; the kernel's
/// receive buffer bounds it. As on a real unit, the FIN is seen only after all bytes before it.
final class ServedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let channel: any Channel
    private(set) weak var unit: SimulatedUnit?
    private var arrived = ByteBuffer()
    private var hasSeenEnd = false
    private var hasToldEnd = false
    private var isReading = false

    init(unit: SimulatedUnit, channel: any Channel) {
        self.unit = unit
        self.channel = channel
    }

    /// The next input that the firmware has room for.
    func nextInput(room: Int) -> UnitInput? {
        if arrived.readableBytes > 0 {
            guard let bytes = arrived.readBytes(length: min(room, arrived.readableBytes)), !bytes.isEmpty else {
                return nil
            }
            arrived.discardReadBytes()
            return .received(bytes)
        }
        guard hasSeenEnd, !hasToldEnd else { return nil }
        hasToldEnd = true
        return .peerClosed
    }

    func readIfWanted(room: Int) {
        guard room > 0, arrived.readableBytes == 0, !hasSeenEnd, !isReading else { return }
        isReading = true
        channel.read()
    }

    func channelActive(context: ChannelHandlerContext) {
        unit?.clientArrived(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        arrived.writeBuffer(&bytes)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        unit?.serve(self, nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            hasSeenEnd = true
            unit?.serve(self, nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        unit?.serve(self, .reset)
    }
}
