import PeerLink
import TestSupport
import Testing

/// A host and an offerer with a network between them that can be stopped.
@Suite(.timeLimit(.minutes(3)))
struct SlowViewerTests {
    private struct Meeting {
        let host: PeerHost
        let relay: LossyRelay
        let offer: PeerOffer
        let answering: PeerConnection
        let offered = PeerPair.Told(echoes: false)
        let answered = PeerPair.Told(echoes: false)

        init() async throws {
            host = try await PeerHost.start(PeerPair.loopback)
            relay = try await LossyRelay.start(to: "127.0.0.1", port: Int(host.local.port), loss: 0, seed: 1)
            offer = try await PeerOfferer.make(PeerPair.loopback).offer(
                channels: [ChannelOptions(label: "first")], handlers: offered.handlers)
            let (answer, connection) = try await host.answer(offer: offer.description, handlers: answered.handlers)
            answering = connection
            try await offer.accept(answer: answer.replacing(" \(host.local.port) typ", with: " \(relay.port) typ"))
            try await offered.waitFor(.connected)
            try await answered.waitFor(.connected)
        }

        /// A channel of the host's whose queue is short, open on both sides; then the network stands still.
        func stopped(_ whenFull: SendQueue.WhenFull) async throws -> DataChannel {
            var options = ChannelOptions(label: "numbers")
            (options.queue.messages, options.queue.whenFull) = (16, whenFull)
            let channel = try await answering.open(options)
            _ = try await offered.channel("numbers")
            relay.lose(1)
            return channel
        }

        func close() async throws {
            offer.connection.close()
            await host.close()
            try await relay.close()
        }
    }

    /// Sends numbers of 1000 bytes until the channel has said so often that there was no room.
    private func fill(_ channel: DataChannel, _ times: Int) async throws -> [(number: Int, result: SendResult)] {
        var results: [(Int, SendResult)] = []
        var full = 0
        while full < times, results.count < 100_000 {
            let number = results.count
            let result = channel.send(Self.message(number))
            if result != .queued { full += 1 }
            results.append((number, result))
            // Lets the loop take what it can.
            if number.isMultiple(of: 8) { try await Task.sleep(for: .milliseconds(1)) }
        }
        #expect(full == times)
        return results
    }

    private static func message(_ number: Int) -> ChannelMessage {
        .text("\(number) " + String(repeating: ".", count: 1000))
    }

    @Test("a viewer that stops for a while gets the newest numbers then; the oldest were given up, and counted")
    func dropOldest() async throws {
        let meeting = try await Meeting()
        let channel = try await meeting.stopped(.dropOldest)
        let results = try await fill(channel, 200)
        let dropped = results.reduce(0) { sum, one in
            guard case .queuedInPlaceOf(let count) = one.result else { return sum }
            return sum + count
        }
        meeting.relay.lose(0)
        let last = Self.message(results.count - 1)
        try await eventually("the last one came", within: .seconds(20)) {
            meeting.offered.received("numbers").last == last
        }
        let received = meeting.offered.received("numbers")
        #expect(received.count == results.count - dropped && dropped == 200)
        #expect(received.suffix(16) == results.suffix(16).map { Self.message($0.number) }[...])
        #expect(await meeting.answering.statistics().messagesDropped == dropped)
        try await meeting.close()
    }

    @Test("what a full queue refuses is not sent, and all else comes in order")
    func refuse() async throws {
        let meeting = try await Meeting()
        let channel = try await meeting.stopped(.refuse)
        let results = try await fill(channel, 50)
        #expect(results.allSatisfy { $0.result == .queued || $0.result == .refused(.full) })
        let taken = results.filter { $0.result == .queued }.map { Self.message($0.number) }
        meeting.relay.lose(0)
        try await eventually("all came", within: .seconds(20)) {
            meeting.offered.received("numbers").count == taken.count
        }
        #expect(meeting.offered.received("numbers") == taken)
        #expect(await meeting.answering.statistics().messagesRefused == 50)
        try await meeting.close()
    }

    @Test("a viewer that has to keep up and does not is closed, and counted")
    func close() async throws {
        let meeting = try await Meeting()
        let channel = try await meeting.stopped(.close)
        let results = try await fill(channel, 1)
        #expect(results.last?.result == .refused(.tooSlow))
        try await meeting.answered.waitFor(.closed(.tooSlow))
        #expect(channel.state == .closed)
        #expect(await meeting.host.statistics().tooSlow == 1)
        try await meeting.close()
    }

    @Test("both sides notice within 30 s that the other one has vanished, while they send and while they do not")
    func vanished() async throws {
        let meeting = try await Meeting()
        let began = ContinuousClock.now
        let channel = try await meeting.stopped(.dropOldest)
        channel.send(.text("into the dark"))
        try await meeting.offered.waitFor(.closed(.vanished), within: .seconds(40))
        try await meeting.answered.waitFor(.closed(.vanished), within: .seconds(40))
        #expect((.seconds(20)...(.seconds(30))).contains(ContinuousClock.now - began))
        #expect(await meeting.host.statistics().vanished == 1)
        try await meeting.close()
    }
}
