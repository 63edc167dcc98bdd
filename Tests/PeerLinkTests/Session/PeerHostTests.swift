import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import PeerLink

@Suite(.timeLimit(.minutes(2)))
struct PeerHostTests {
    private func texts(_ count: Int) -> [ChannelMessage] { (0..<count).map { .text("message \($0)") } }

    @Test("a host and an offerer of ours meet; messages come back whole and in order; closing is told")
    func echo() async throws {
        let pair = try await PeerPair.connect(channels: [ChannelOptions(label: "a"), .live(label: "b")])
        let messages: [ChannelMessage] =
            texts(500) + [
                .text(""), .bytes([]), .bytes(noise(65536, seed: 1)), .text(String(repeating: "ä", count: 32768)),
            ]
        for message in messages {
            #expect(pair.offer.channels[0].send(message) == .queued)
        }
        try await eventually("all are back") { pair.offered.received("a").count == messages.count }
        #expect(pair.offered.received("a") == messages)
        let lossy = try await pair.answered.channel("b")
        #expect(lossy.options.reliability == .retransmissions(0) && !lossy.options.isOrdered)
        #expect(pair.offer.channels.map(\.stream) == [0, 2] || pair.offer.channels.map(\.stream) == [1, 3])
        let statistics = await pair.answering.statistics()
        #expect(statistics.messagesReceived == messages.count && statistics.messagesSent == messages.count)
        pair.offer.connection.close()
        try await pair.answered.waitFor(.closed(.remote))
        #expect(pair.offered.last == .closed(.local))
        #expect(pair.offer.channels[0].send(.text("late")) == .refused(.closed))
        var expected = HostStatistics()
        (expected.answered, expected.connected) = (1, 1)
        var seen = await pair.host.statistics()
        // DTLS's farewell, which comes after SCTP's abort.
        #expect(seen.unknownSources <= 1)
        seen.unknownSources = 0
        #expect(seen == expected)
        await pair.close()
    }

    @Test("a channel that is closed first sends what waits, and then is closed on both sides; its stream is free again")
    func closing() async throws {
        let pair = try await PeerPair.connect(channels: [ChannelOptions(label: "a")])
        let channel = pair.offer.channels[0]
        for message in texts(100) { channel.send(message) }
        channel.close()
        try await eventually("closed") { channel.state == .closed }
        try await eventually("all came") { pair.answered.received("a").count == 100 }
        let stream = channel.stream
        let theirs = try await pair.answered.channel("a")
        try await eventually("closed there") { theirs.state == .closed }
        let next = try await pair.offer.connection.open(ChannelOptions(label: "next"))
        pair.offered.watch(next)
        #expect(next.stream == stream)
        next.send(.text("again"))
        try await eventually("the stream is used again") { pair.offered.received("next") == [.text("again")] }
        await pair.close()
    }

    @Test("a stream that both sides have agreed on needs no opening")
    func negotiated() async throws {
        var options = ChannelOptions(label: "agreed")
        options.negotiatedStream = 100
        let pair = try await PeerPair.connect(channels: [options])
        let theirs = try await pair.answering.open(options)
        pair.answered.watch(theirs)
        pair.offer.channels[0].send(.text("hello"))
        try await eventually("it came") { pair.answered.received("agreed") == [.text("hello")] }
        await #expect(throws: PeerLinkError.badChannel("stream 100 is in use, or more than 1023")) {
            try await pair.answering.open(options)
        }
        await pair.close()
    }

    @Test("a stream that is agreed on is nobody else's before the connection is there either")
    func claimed() async throws {
        var agreed = ChannelOptions(label: "agreed")
        for stream in [0, 1] as [UInt16] {
            agreed.negotiatedStream = stream
            let pair = try await PeerPair.connect(channels: [
                ChannelOptions(label: "a"), agreed, ChannelOptions(label: "b"),
            ])
            #expect(Set(pair.offer.channels.map(\.stream)).count == 3)
            await pair.close()
        }
        let offerer = try await PeerOfferer.make(PeerPair.loopback)
        await #expect(throws: PeerLinkError.badChannel("stream 1 is in use, or more than 1023")) {
            try await offerer.offer(channels: [agreed, agreed])
        }
    }

    @Test("what could not start leaves its port free")
    func failedStart() async throws {
        let first = try await PeerHost.start(PeerPair.loopback)
        var configuration = PeerPair.loopback
        configuration.port = first.local.port
        await first.close()
        configuration.addresses = ["nowhere"]
        for _ in 0..<2 {
            await #expect(throws: PeerLinkError.notAnAddress("nowhere")) { try await PeerHost.start(configuration) }
        }
        configuration.addresses = []
        configuration.stunServer = ":"
        await #expect(throws: PeerLinkError.self) { try await PeerHost.start(configuration) }
        configuration.stunServer = nil
        let offerer = try await PeerOfferer.make(configuration)
        var long = ChannelOptions(label: String(repeating: "a", count: 257))
        await #expect(throws: PeerLinkError.self) { try await offerer.offer(channels: [long]) }
        long.label = "a"
        let offer =
            try await eventually("the port is free", within: .seconds(10)) {
                try? await offerer.offer(channels: [long])
            } as PeerOffer
        offer.connection.close()
    }

    @Test(
        "datagrams are lost by seed, either way: reliable channels lose nothing, others come through",
        arguments: [5, 20])
    func loss(percent: Int) async throws {
        let host = try await PeerHost.start(PeerPair.loopback)
        let relay = try await LossyRelay.start(
            to: "127.0.0.1", port: Int(host.local.port), loss: Double(percent) / 100, seed: 11)
        let (offered, answered) = (PeerPair.Told(echoes: false), PeerPair.Told(echoes: true))
        let offer = try await PeerOfferer.make(PeerPair.loopback)
            .offer(channels: [ChannelOptions(label: "a"), .live(label: "b")], handlers: offered.handlers)
        for channel in offer.channels { offered.watch(channel) }
        let (answer, _) = try await host.answer(offer: offer.description, handlers: answered.handlers)
        try await offer.accept(answer: answer.replacing(" \(host.local.port) typ", with: " \(relay.port) typ"))
        try await offered.waitFor(.connected)
        for message in texts(300) {
            offer.channels[0].send(message)
            offer.channels[1].send(message)
        }
        try await eventually("all are back", within: .seconds(60)) { offered.received("a").count == 300 }
        #expect(offered.received("a") == texts(300))
        let lossy = offered.received("b")
        #expect(!lossy.isEmpty && lossy.allSatisfy { texts(300).contains($0) })
        offer.connection.close()
        await host.close()
        try await relay.close()
    }

    @Test("200 peers at a time connect and are answered; their memory is given back")
    func manyPeers() async throws {
        let host = try await PeerHost.start(PeerPair.loopback)
        let offerer = try await PeerOfferer.make(PeerPair.loopback)
        let answered = PeerPair.Told(echoes: true)
        let all = try await withThrowingTaskGroup(of: (PeerOffer, PeerPair.Told).self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let told = PeerPair.Told(echoes: false)
                    let offer = try await offerer.offer(channels: [ChannelOptions(label: "a")], handlers: told.handlers)
                    told.watch(offer.channels[0])
                    let (answer, _) = try await host.answer(offer: offer.description, handlers: answered.handlers)
                    try await offer.accept(answer: answer)
                    return (offer, told)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (_, told) in all { try await told.waitFor(.connected, within: .seconds(60)) }
        try await eventually("the host's side is connected too", within: .seconds(60)) {
            await host.statistics().connected == 200
        }
        for round in 0..<5 {
            for (number, one) in all.enumerated() { one.0.channels[0].send(.text("\(round) of \(number)")) }
        }
        for (number, one) in all.enumerated() {
            try await eventually("answers of \(number)", within: .seconds(30)) { one.1.received("a").count == 5 }
            #expect(one.1.received("a") == (0..<5).map { .text("\($0) of \(number)") })
        }
        for (offer, _) in all { offer.connection.close() }
        try await eventually("all are gone", within: .seconds(30)) { await host.statistics().peers == 0 }
        await host.close()
    }
}
