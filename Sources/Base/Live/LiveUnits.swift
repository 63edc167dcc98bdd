import LiveStream
import Logging
import NIOCore
import PeerLink
import ServiceLifecycle
import Settings
import Synchronization
import UnitProtocol

/// The read units that browsers watch live, straight from this base: each has a place at the hub's signalling from its first measurement on,
/// for as long as it says something.
final class LiveUnits: Service {
    private struct Streaming {
        let device: LiveDeviceEntry
        let unit: LiveUnit
        let stream: LiveStream
    }

    private struct State {
        var streaming: [IPv4Address: Streaming] = [:]
        /// Those that have said something and have no place yet.
        var asking: Set<IPv4Address> = []
        /// Those that the hub does not have, as far as it was asked.
        var strangers: Set<IPv4Address> = []
        var isFull = false
    }

    /// A unit that is silent for so long gives its place up: another base may have it, or nobody.
    private static let idleLimit = Duration.seconds(60)
    private static let look = Duration.seconds(1)
    /// How often the dashboard is asked for the devices that it has: they come, go, and get other names.
    private static let questionPause = Duration.seconds(30)

    private let settings: LiveSettings
    private let wanted: Set<IPv4Address>?
    private let webhook: WebhookClient
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state = Mutex(State())

    init(settings: LiveSettings, webhook: WebhookClient, group: any EventLoopGroup, logger: Logger) {
        self.settings = settings
        wanted = settings.units.map { Set($0) }
        self.webhook = webhook
        self.group = group
        self.logger = logger
    }

    /// Streams a measurement to whoever watches its unit. Waits for nothing.
    func take(_ measurement: Measurement, from unit: IPv4Address) {
        let streaming = state.withLock { state -> Streaming? in
            if let known = state.streaming[unit] { return known }
            guard wanted?.contains(unit) ?? true, !state.strangers.contains(unit) else { return nil }
            if state.streaming.count + state.asking.count < LiveSettings.mostUnits {
                state.asking.insert(unit)
            } else {
                state.isFull = true
            }
            return nil
        }
        guard let streaming, let sample = streaming.unit.sample(of: measurement) else { return }
        streaming.stream.send(sample)
    }

    func run() async throws {
        let host: PeerHost
        do {
            host = try await PeerHost.start(settings.peers)
        } catch {
            // The base is there for measurements; it goes on without this.
            logger.error("live.not-started", metadata: ["why": "\(error)"])
            try? await gracefulShutdown()
            return
        }
        logger.info("live.listening", metadata: ["address": "\(host.local)"])
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                await self.seatUnits(host, &group)
                let streams = self.state.withLock { state in
                    defer { state.streaming = [:] }
                    return state.streaming.values.map(\.stream)
                }
                for stream in streams { await stream.stop() }
            }
        }
        await host.close()
    }

    /// Until the task is cancelled.
    private func seatUnits(_ host: PeerHost, _ group: inout DiscardingTaskGroup) async {
        let clock = ContinuousClock()
        var devices: [IPv4Address: LiveDeviceEntry] = [:]
        var askedAt: ContinuousClock.Instant?
        var hasTold = false
        while !Task.isCancelled {
            try? await clock.sleep(for: Self.look)
            await leave { ($1.unit.silence ?? .zero) > Self.idleLimit }
            let (asking, isFull) = state.withLock { ($0.asking, $0.isFull) }
            if isFull, !hasTold {
                hasTold = true
                logger.warning(
                    "live.full",
                    metadata: ["why": "\(LiveSettings.mostUnits) units stream; name those that matter as live.units"])
            }
            if askedAt.map({ clock.now - $0 >= Self.questionPause }) ?? !asking.isEmpty {
                askedAt = clock.now
                devices = await ask() ?? devices
                await leave { devices[$0] != $1.device }
                state.withLock { $0.strangers = [] }
            }
            for unit in asking {
                guard let device = devices[unit], let place = webhook.place(of: device) else {
                    state.withLock { state in
                        state.asking.remove(unit)
                        state.strangers.insert(unit)
                    }
                    continue
                }
                let stream = seat(unit, device, at: place, host)
                group.addTask { await stream.run() }
            }
        }
    }

    private func ask() async -> [IPv4Address: LiveDeviceEntry]? {
        switch await webhook.devices() {
        case .success(let devices): return devices
        case .failure(let why):
            logger.warning(
                "live.no-devices", metadata: ["why": "\(why)", "again-in": "\(Self.questionPause.settingsText)"])
            return nil
        }
    }

    private func seat(
        _ address: IPv4Address, _ device: LiveDeviceEntry, at place: LivePlace, _ host: PeerHost
    ) -> LiveStream {
        let unit = LiveUnit(name: device.name)
        let stream = LiveStream(
            place: place, host: host, group: group, logger: logger, describe: { unit.description },
            onControl: { _, clients in ControlReport(unit.description, made: unit.made, clients: clients) })
        state.withLock { state in
            state.asking.remove(address)
            state.streaming[address] = Streaming(device: device, unit: unit, stream: stream)
        }
        return stream
    }

    /// Gives up the places of units. Those that go on to say something ask anew.
    private func leave(where isOver: (IPv4Address, Streaming) -> Bool) async {
        let over = state.withLock { state in
            let over = state.streaming.filter { isOver($0.key, $0.value) }
            for address in over.keys { state.streaming[address] = nil }
            if !over.isEmpty { state.isFull = false }
            return over.values.map(\.stream)
        }
        for stream in over { await stream.stop() }
    }
}
