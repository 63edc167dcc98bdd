import Channels
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Hub

@Suite("Broker")
struct BrokerTests {
    private let app = AppCredentials(id: "1", key: "key", secret: "secret")

    @Test("A consumer that leaves more than a mebibyte unread is cut, and is no listener any more")
    func slowConsumer() async throws {
        let broker = Broker(credentials: app, webhooks: nil, logger: Logger(label: "test"))
        let hangUps = HangUps()
        let slow = try #require(await broker.connect(hangUps.outbox(), protocolVersion: 7, from: nil))
        await broker.receive(#"{"event":"pusher:subscribe","data":{"channel":"open"}}"#, from: slow)
        let data = String(repeating: "x", count: 10_240)
        #expect(await broker.publish("event", data: data, on: "open") == 1)
        for _ in 0..<110 { await broker.publish("event", data: data, on: "open") }
        #expect(hangUps.delays == [.zero])
        #expect(await broker.listeners(on: "open") == 0)
    }

    @Test("A consumer that reads is never cut, however much it is sent")
    func steadyConsumer() async throws {
        let broker = Broker(credentials: app, webhooks: nil, logger: Logger(label: "test"))
        let hangUps = HangUps()
        let outbox = hangUps.outbox()
        let id = try #require(await broker.connect(outbox, protocolVersion: 7, from: nil))
        await broker.receive(#"{"event":"pusher:subscribe","data":{"channel":"open"}}"#, from: id)
        var items = outbox.items.makeAsyncIterator()
        let data = String(repeating: "x", count: 10_240)
        for _ in 0..<300 {
            await broker.publish("event", data: data, on: "open")
            if case .text(let text)? = await items.next() { outbox.written(text) }
        }
        #expect(hangUps.delays.isEmpty)
    }

    @Test("An address over its limit is closed with 4100 until one of its connections has gone; loopback is exempt")
    func connectionsOfAddress() async throws {
        let broker = Broker(
            credentials: app, limits: .init(connections: 10, connectionsOfAddress: 2), webhooks: nil,
            logger: Logger(label: "test"))
        let hangUps = HangUps()
        let first = try #require(await broker.connect(hangUps.outbox(), protocolVersion: 7, from: "192.0.2.1"))
        #expect(await broker.connect(hangUps.outbox(), protocolVersion: 7, from: "192.0.2.1") != nil)
        let refused = hangUps.outbox()
        #expect(await broker.connect(refused, protocolVersion: 7, from: "192.0.2.1") == nil)
        #expect(await refused.all == [.close(.overCapacity, "too many connections")])
        #expect(await broker.connect(hangUps.outbox(), protocolVersion: 7, from: "192.0.2.2") != nil)
        await broker.disconnect(first)
        #expect(await broker.connect(hangUps.outbox(), protocolVersion: 7, from: "192.0.2.1") != nil)
        for _ in 0..<3 { _ = await broker.connect(hangUps.outbox(), protocolVersion: 7, from: nil) }
        #expect(
            ["127.0.0.1", "::1", "::ffff:127.0.0.1", "192.0.2.1", nil].map(BrokerConnection.countedAddress)
                == [nil, nil, nil, "192.0.2.1", nil])
    }

    @Test("All connections together have a limit, for loopback too")
    func connections() async {
        let broker = Broker(
            credentials: app, limits: .init(connections: 1), webhooks: nil, logger: Logger(label: "test"))
        let hangUps = HangUps()
        #expect(await broker.connect(hangUps.outbox(), protocolVersion: 7, from: nil) != nil)
        #expect(await broker.connect(hangUps.outbox(), protocolVersion: 7, from: nil) == nil)
        #expect(hangUps.delays == [Outbox.closingTime])
    }

    @Test("CH-006: a client of protocol 5 that finds no place is told by an event before the close, a later one is not")
    func capacityBelowProtocol6() async {
        let broker = Broker(
            credentials: app, limits: .init(connections: 0), webhooks: nil, logger: Logger(label: "test"))
        let (old, new) = (HangUps().outbox(), HangUps().outbox())
        _ = await broker.connect(old, protocolVersion: 5, from: nil)
        _ = await broker.connect(new, protocolVersion: 6, from: nil)
        let event = #"{"data":{"code":4100,"message":"too many connections"},"event":"pusher:error"}"#
        #expect(await old.all == [.text(event), .close(.overCapacity, "too many connections")])
        #expect(await new.all == [.close(.overCapacity, "too many connections")])
    }

    @Test("At the shutdown everybody is asked to reconnect, and the occupancy ends")
    func shutdown() async throws {
        let broker = Broker(credentials: app, webhooks: nil, logger: Logger(label: "test"))
        let outbox = HangUps().outbox()
        let id = try #require(await broker.connect(outbox, protocolVersion: 7, from: nil))
        await broker.receive(#"{"event":"pusher:subscribe","data":{"channel":"open"}}"#, from: id)
        await broker.stop()
        #expect(await outbox.all.last == .close(.reconnect, "the server is going away"))
        var occupancy: [Bool] = []
        for await (_, isOccupied) in broker.occupancy { occupancy.append(isOccupied) }
        #expect(occupancy == [true, false])
    }

    @Test(
        "A WebSocket's target names the app and the protocol, or is refused with the close code that says what is wrong",
        arguments: [
            ("/app/key?protocol=7&client=js", Result<Int, BrokerTarget.Refusal>.success(7)),
            ("/app/key?client=js&protocol=5", .success(5)),
            ("/app/other?protocol=7", .failure(.init(code: .unknownApp))),
            ("/app/key/more?protocol=7", .failure(.init(code: .unknownApp))),
            ("/elsewhere", .failure(.init(code: .pathNotFound))),
            ("/app/key", .failure(.init(code: .noProtocol))),
            ("/app/key?protocol=", .failure(.init(code: .badVersion))),
            ("/app/key?protocol=seven", .failure(.init(code: .badVersion))),
            ("/app/key?protocol=99999999999999999999", .failure(.init(code: .badVersion))),
        ])
    func target(uri: String, expected: Result<Int, BrokerTarget.Refusal>) {
        #expect(BrokerTarget(uri: uri).protocolVersion(for: "key") == expected)
    }

    @Test("Webhooks wait in order, go in batches of a hundred, and beyond ten thousand the newest are dropped")
    func webhookQueue() throws {
        let queue = WebhookQueue()
        let events = try (0...WebhookQueue.limit).map { WebhookEvent(.channelOccupied, try ChannelName("c\($0)")) }
        #expect(events.filter { !queue.put($0) } == events.suffix(1))
        var batches: [[WebhookEvent]] = []
        while case let batch = queue.take(), !batch.isEmpty { batches.append(batch) }
        #expect(batches.map(\.count) == Array(repeating: 100, count: 100))
        #expect(batches.flatMap(\.self) == events.dropLast())
    }
}

/// Records when connections would have been ended.
private final class HangUps: Sendable {
    private let recorded = Mutex<[TimeAmount]>([])

    var delays: [TimeAmount] { recorded.withLock { $0 } }

    func outbox() -> Outbox {
        Outbox { delay in self.recorded.withLock { $0.append(delay) } }
    }
}

extension Outbox {
    /// All that was to be written, once it is closed.
    fileprivate var all: [Item] {
        get async { await items.reduce(into: []) { $0.append($1) } }
    }
}
