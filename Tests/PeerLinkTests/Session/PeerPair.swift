import NIOConcurrencyHelpers
import PeerLink
import TestSupport

/// A host and an offerer of ours, on loopback.
struct PeerPair: Sendable {
    let host: PeerHost
    let offer: PeerOffer
    /// The host's side.
    let answering: PeerConnection
    let offered: Told
    let answered: Told

    /// What handlers were told.
    final class Told: Sendable {
        let states = NIOLockedValueBox<[PeerState]>([])
        let channels = NIOLockedValueBox<[DataChannel]>([])
        let messages = NIOLockedValueBox<[String: [ChannelMessage]]>([:])
        let echoes: Bool

        init(echoes: Bool) {
            self.echoes = echoes
        }

        var handlers: PeerHandlers {
            var handlers = PeerHandlers()
            handlers.onState = { state in self.states.withLockedValue { $0.append(state) } }
            handlers.onChannel = { channel in
                self.channels.withLockedValue { $0.append(channel) }
                self.watch(channel)
            }
            return handlers
        }

        func watch(_ channel: DataChannel) {
            let label = channel.label
            channel.onMessage { [weak channel, echoes] message in
                if echoes { channel?.send(message) }
                self.messages.withLockedValue { $0[label, default: []].append(message) }
            }
        }

        func received(_ label: String) -> [ChannelMessage] { messages.withLockedValue { $0[label] ?? [] } }

        func channel(_ label: String) async throws -> DataChannel {
            try await eventually("channel \(label)") {
                channels.withLockedValue { $0.first { $0.label == label } }
            }
        }

        var last: PeerState? { states.withLockedValue { $0.last } }

        func waitFor(_ state: PeerState, within limit: Duration = .seconds(20)) async throws {
            try await eventually("\(state), not \(String(describing: last))", within: limit) {
                states.withLockedValue { $0.contains(state) }
            }
        }
    }

    static var loopback: PeerConfiguration {
        var configuration = PeerConfiguration()
        configuration.host = "127.0.0.1"
        return configuration
    }

    /// - Parameters:
    ///   - echoes: Whether the host's side sends back what it gets.
    ///   - changing: What becomes of the answer on its way.
    static func connect(
        channels: [ChannelOptions], host configuration: PeerConfiguration = loopback,
        offerer: PeerConfiguration = loopback, echoes: Bool = true, waits: Bool = true,
        changing: (String) -> String = { $0 }
    ) async throws -> PeerPair {
        let host = try await PeerHost.start(configuration)
        let maker = try await PeerOfferer.make(offerer)
        let (offered, answered) = (Told(echoes: false), Told(echoes: echoes))
        let offer = try await maker.offer(channels: channels, handlers: offered.handlers)
        for channel in offer.channels { offered.watch(channel) }
        let (answer, answering) = try await host.answer(offer: offer.description, handlers: answered.handlers)
        try await offer.accept(answer: changing(answer))
        let pair = PeerPair(host: host, offer: offer, answering: answering, offered: offered, answered: answered)
        if waits {
            try await offered.waitFor(.connected)
            try await answered.waitFor(.connected)
        }
        return pair
    }

    func close() async {
        offer.connection.close()
        await host.close()
    }
}
