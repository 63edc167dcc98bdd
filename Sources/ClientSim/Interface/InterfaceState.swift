import LiveStream
import NIOConcurrencyHelpers

/// What a simulated interface streams, and whether it does: changed by who controls it, read by who makes the samples.
final class InterfaceState: Sendable {
    /// The most values a second.
    static let mostRate = 1000.0

    private struct State {
        var isRunning: Bool
        var rate: Double
        var signal: NamedSignal
        var made: Int = 0
        var changes: AsyncStream<Void>.Continuation?
    }

    let name: String
    /// What may be chosen: what everybody may, and what it was started with. Files are for whoever starts it alone.
    private let signals: [NamedSignal]
    /// The page to watch; nil where only the hub knows it.
    private let link: (path: String, expiresAt: String)?
    private let state: NIOLockedValueBox<State>

    init(
        name: String, signal: NamedSignal, rate: Double, isRunning: Bool, link: (path: String, expiresAt: String)? = nil
    ) {
        self.name = name
        self.link = link
        signals = [signal].filter { own in !NamedSignal.free.contains { $0.name == own.name } } + NamedSignal.free
        state = NIOLockedValueBox(State(isRunning: isRunning, rate: rate, signal: signal))
    }

    /// What is streamed now, and how fast.
    var choice: (isRunning: Bool, rate: Double, signal: NamedSignal) {
        state.withLockedValue { ($0.isRunning, $0.rate, $0.signal) }
    }

    var description: LiveDescription {
        let choice = choice
        return LiveDescription(name: name, signal: choice.signal.name, rate: choice.rate, isRunning: choice.isRunning)
    }

    /// Tells from now on when ``choice`` may have changed.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLockedValue { $0.changes = continuation }
        return stream
    }

    func count(_ made: Int) {
        state.withLockedValue { $0.made += made }
    }

    /// Obeys, where what is asked for is offered, and says how it is now.
    func answer(_ request: ControlRequest, _ clients: [LiveStream.Client]) -> ControlReport {
        let (made, changes) = state.withLockedValue { state in
            if let isRunning = request.isRunning { state.isRunning = isRunning }
            if let rate = request.rate, (Self.leastRate...Self.mostRate).contains(rate) { state.rate = rate }
            if let signal = signals.first(where: { $0.name == request.signal }) { state.signal = signal }
            return (state.made, state.changes)
        }
        if request != ControlRequest() { changes?.yield() }
        return ControlReport(
            description, signals: signals.map(\.name), mostRate: Self.mostRate, made: made, link: link, clients: clients
        )
    }

    static let leastRate = 0.1
}
