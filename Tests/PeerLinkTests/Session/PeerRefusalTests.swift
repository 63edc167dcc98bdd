import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import PeerLink

/// What others may not do.
@Suite(.timeLimit(.minutes(2)))
struct PeerRefusalTests {
    @Test("a peer whose certificate is not the one of its description is refused, on either side, and counted")
    func wrongFingerprint() async throws {
        func forged(_ description: String) -> String {
            let forged = Array(repeating: "AB", count: 32).joined(separator: ":")
            return description.split(separator: "\r\n")
                .map { ($0.hasPrefix("a=fingerprint") ? "a=fingerprint:sha-256 \(forged)" : $0) + "\r\n" }.joined()
        }
        let offering = try await PeerPair.connect(
            channels: [ChannelOptions(label: "a")], waits: false, changing: forged)
        try await offering.offered.waitFor(.closed(.wrongFingerprint))
        #expect(offering.offered.states.withLockedValue { $0 } == [.closed(.wrongFingerprint)])
        await offering.close()

        let host = try await PeerHost.start(PeerPair.loopback)
        let told = PeerPair.Told(echoes: true)
        let offer = try await PeerOfferer.make(PeerPair.loopback).offer(channels: [ChannelOptions(label: "a")])
        let (answer, _) = try await host.answer(offer: forged(offer.description), handlers: told.handlers)
        try await offer.accept(answer: answer)
        try await told.waitFor(.closed(.wrongFingerprint))
        let statistics = await host.statistics()
        #expect((statistics.wrongFingerprints, statistics.connected) == (1, 0))
        #expect(told.channels.withLockedValue(\.count) == 0)
        offer.connection.close()
        await host.close()
    }

    @Test("garbage of all kinds is counted, and disturbs nobody who is connected")
    func garbage() async throws {
        let pair = try await PeerPair.connect(channels: [ChannelOptions(label: "a")])
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let host = try SocketAddress(ipAddress: "127.0.0.1", port: Int(pair.host.local.port))
        func send(_ bytes: [UInt8]) async throws {
            try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: host, data: ByteBuffer(bytes: bytes)))
        }
        let transaction = try #require(TransactionID(bytes: noise(12, seed: 3)))
        let stranger = StunMessage(.request, transaction: transaction, attributes: [.username("none:none")])
        for seed in 0..<50 {
            try await send([200] + noise(seed, seed: UInt64(seed)))
            try await send([22, 254, 253] + noise(seed, seed: UInt64(seed)))
            try await send([0, 1] + noise(seed, seed: UInt64(seed)))
            try await send(stranger.encoded(password: "anything that is long enough"))
            try await send([0] + noise(1600, seed: UInt64(seed)))
        }
        try await eventually("all are counted") {
            let statistics = await pair.host.statistics()
            return (statistics.garbage, statistics.unknownSources, statistics.checksRefused) == (150, 50, 50)
        }
        pair.offer.channels[0].send(.text("still here"))
        try await eventually("the echo") { pair.offered.received("a") == [.text("still here")] }
        try await channel.close()
        await pair.close()
    }

    @Test("offers that are none, of media, or of a lite peer are refused and counted")
    func offers() async throws {
        let host = try await PeerHost.start(PeerPair.loopback)
        let offerer = try await PeerOfferer.make(PeerPair.loopback)
        let offer = try await offerer.offer(channels: [ChannelOptions(label: "a")])
        await #expect(throws: SessionDescriptionError.notSDP(line: 1)) { try await host.answer(offer: "garbage") }
        await #expect(throws: SessionDescriptionError.media("video")) {
            try await host.answer(offer: offer.description + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n")
        }
        await #expect(throws: PeerLinkError.bothLite) {
            try await host.answer(offer: offer.description.replacing("t=0 0", with: "t=0 0\r\na=ice-lite"))
        }
        #expect(await host.statistics().descriptionsRefused == 3)
        await #expect(throws: PeerLinkError.answerIsNotOne) { try await offer.accept(answer: offer.description) }
        offer.connection.close()
        await host.close()
    }

    @Test("limits on peers, on those that are being connected and on attempts are kept, and name themselves")
    func crowds() async throws {
        var configuration = PeerPair.loopback
        configuration.limits.peers = 3
        configuration.limits.halfOpen = 2
        configuration.limits.connectTime = .seconds(3)
        let host = try await PeerHost.start(configuration)
        let offer = try await PeerOfferer.make(PeerPair.loopback).offer()
        for _ in 0..<2 { _ = try await host.answer(offer: offer.description) }
        await #expect(throws: PeerLinkError.tooManyHalfOpen(most: 2)) {
            try await host.answer(offer: offer.description)
        }
        try await eventually("they were given up") { await host.statistics().notConnectedInTime == 2 }
        #expect(await host.statistics().peers == 0)
        #expect(await host.statistics().attemptsRefused == 1)
        offer.connection.close()
        await host.close()

        configuration.limits.attemptsPerSecond = 1
        let slow = try await PeerHost.start(configuration)
        _ = try await slow.answer(offer: offer.description)
        await #expect(throws: PeerLinkError.tooManyAttempts(perSecond: 1)) {
            try await slow.answer(offer: offer.description)
        }
        await slow.close()
    }

    @Test("channels beyond the limit are refused, here with an error, there by closing them")
    func channels() async throws {
        var configuration = PeerPair.loopback
        configuration.limits.channels = 2
        let pair = try await PeerPair.connect(
            channels: (0..<4).map { ChannelOptions(label: "\($0)") }, host: configuration)
        for channel in pair.offer.channels { channel.send(.text("hello")) }
        try await eventually("two are closed") { pair.offer.channels.filter { $0.state == .closed }.count == 2 }
        #expect(await pair.host.statistics().channelsRefused == 2)
        await #expect(throws: PeerLinkError.tooManyChannels(most: 2)) {
            try await pair.answering.open(ChannelOptions(label: "more"))
        }
        await #expect(throws: PeerLinkError.badChannel("label and protocol of a channel have at most 256 bytes each")) {
            try await pair.offer.connection.open(ChannelOptions(label: String(repeating: "x", count: 257)))
        }
        await pair.close()
    }

    @Test("a message that is too large is refused before it is sent; a peer that sends one all the same is cut off")
    func large() async throws {
        var configuration = PeerPair.loopback
        configuration.limits.message = 1000
        let told = try await PeerPair.connect(channels: [ChannelOptions(label: "a")], host: configuration)
        #expect(told.offer.channels[0].send(.bytes([UInt8](repeating: 1, count: 1000))) == .queued)
        #expect(told.offer.channels[0].send(.bytes([UInt8](repeating: 1, count: 1001))) == .refused(.tooLarge))
        await told.close()
        let lied = try await PeerPair.connect(channels: [ChannelOptions(label: "a")], host: configuration) {
            $0.replacing("max-message-size:1000", with: "max-message-size:0")
        }
        lied.offer.channels[0].send(.bytes([UInt8](repeating: 1, count: 1001)))
        try await lied.answered.waitFor(.closed(.violation("a message of more than 1000 bytes")))
        try await lied.offered.waitFor(.closed(.remote))
        await lied.close()
    }

    @Test("a STUN server's answer becomes a candidate; a server that is silent delays by 2 s and no more")
    func stunServer() async throws {
        let server = try await AnsweringStun.start()
        var configuration = PeerPair.loopback
        configuration.stunServer = "127.0.0.1:\(server.port)"
        let offer = try await PeerOfferer.make(configuration).offer()
        #expect(offer.description.contains(" 198.51.100.7 4321 typ srflx raddr 127.0.0.1 rport "))
        offer.connection.close()
        let host = try await PeerHost.start(configuration)
        let plain = try await PeerOfferer.make(PeerPair.loopback).offer()
        let answer = try await host.answer(offer: plain.description).answer
        #expect(answer.contains(" 198.51.100.7 4321 typ srflx raddr 127.0.0.1 rport \(host.local.port)\r\n"))
        await host.close()
        try await server.close()
        let began = ContinuousClock.now
        let late = try await PeerHost.start(configuration)
        #expect((.seconds(2)...(.seconds(20))).contains(ContinuousClock.now - began))
        await late.close()
        plain.connection.close()
        configuration.stunServer = "no such host:x"
        await #expect(
            throws: PeerLinkError.unknownHost("no such host:x", reason: "it is not of the form name:port")
        ) { try await PeerHost.start(configuration) }
    }
}

/// Answers every request with one address.
private final class AnsweringStun: Sendable {
    private let channel: any Channel
    let port: Int

    static func start() async throws -> AnsweringStun {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(Handler()) }
            .bind(host: "127.0.0.1", port: 0).get()
        return AnsweringStun(channel)
    }

    private init(_ channel: any Channel) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    func close() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            guard let request = try? ReceivedStun(Array(envelope.data.readableBytesView)),
                let outside = PeerAddress(host: "198.51.100.7", port: 4321)
            else { return }
            let response = StunMessage(
                .success, transaction: request.message.transaction, attributes: [.xorMappedAddress(outside)])
            context.channel.writeAndFlush(
                AddressedEnvelope(
                    remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: response.encoded(password: nil))),
                promise: nil)
        }
    }
}
