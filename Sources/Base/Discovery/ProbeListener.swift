import NIOCore
import UnitProtocol

/// Judges what answers on port 8888 by the first line that it says.
///
/// A read unit speaks as soon as it serves a connection, and then every second; an updatable unit never speaks
/// (firmware-spec/01 and 02).
final class ProbeListener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<FoundUnit.Kind?>
    private let listening: TimeAmount
    private var decoder = MeasurementDecoder()
    private var isDone = false
    private var isStopped = false
    private var context: ChannelHandlerContext?

    /// - Parameter verdict: Fulfilled once; with nil when the attempt was given up.
    init(listening: TimeAmount, verdict: EventLoopPromise<FoundUnit.Kind?>) {
        self.listening = listening
        promise = verdict
    }

    /// Ends the attempt, connected or not; on the event loop.
    func stop() {
        isStopped = true
        end(nil)
        context?.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if isStopped { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        guard listening > .zero else { return end(.unknown) }
        _ = context.eventLoop.assumeIsolated().scheduleTask(in: listening) { self.end(.updatable) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch decoder.decode(unwrapInboundIn(data).readableBytesView).first {
        case .measurement: end(.read)
        case .malformed: end(.unknown)
        case nil: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.unknown)
    }

    private func end(_ kind: FoundUnit.Kind?) {
        guard !isDone else { return }
        isDone = true
        promise.succeed(kind)
    }
}
