import Testing
import UnitProtocol

@testable import Base

@Suite struct DeliveryQueuesTests {
    private let one = IPv4Address(bits: 1)
    private let two = IPv4Address(bits: 2)

    private func queues(concurrency: Int = 64, queue: Int = 1000) -> DeliveryQueues {
        var settings = WebhookSettings()
        settings.concurrency = concurrency
        settings.queue = queue
        return DeliveryQueues(settings: settings)
    }

    private func texts(_ deliveries: [DeliveryQueues.Delivery]) -> [String] {
        deliveries.map { "\($0.unit.bits):\($0.measurement.text)" }
    }

    @Test("WH-003: one delivery a unit at a time, in order; units do not wait for one another")
    func order() throws {
        var queues = queues()
        #expect(texts(queues.accept(try Measurement("a"), from: one)) == ["1:a"])
        #expect(texts(queues.accept(try Measurement("b"), from: one)) == [])
        #expect(texts(queues.accept(try Measurement("c"), from: two)) == ["2:c"])
        #expect(texts(queues.finished(one, .accepted, random: 0).start) == ["1:b"])
        #expect(texts(queues.finished(one, .accepted, random: 0).start) == [])
        #expect(texts(queues.finished(two, .accepted, random: 0).start) == [])
        #expect(queues.isEmpty)
    }

    @Test("WH-004: what may pass is tried again, the same measurement first, after a pause that doubles")
    func retries() throws {
        var queues = queues()
        _ = queues.accept(try Measurement("a"), from: one)
        _ = queues.accept(try Measurement("b"), from: one)
        let failure = DeliveryQueues.Outcome.retry(reason: "500", after: nil)
        #expect(queues.finished(one, failure, random: 1).retryIn == .milliseconds(500))
        #expect(texts(queues.retry(one)) == ["1:a"])
        #expect(queues.finished(one, failure, random: 1).retryIn == .seconds(1))
        #expect(texts(queues.retry(one)) == ["1:a"])
        #expect(
            queues.finished(one, .retry(reason: "429", after: .seconds(7)), random: 0.5).retryIn == .seconds(8))
        #expect(texts(queues.retry(one)) == ["1:a"])
        #expect(texts(queues.finished(one, .rejected(reason: "404"), random: 0).start) == ["1:b"])
    }

    @Test("a full queue drops its oldest measurement, never the one that is under way", arguments: [1, 2, 5])
    func full(limit: Int) throws {
        var queues = queues(queue: limit)
        for number in 0...20 {
            _ = queues.accept(try Measurement("\(number)"), from: one)
        }
        #expect(queues.dropped == 20 - limit)
        var delivered = ["1:0"]
        while case let next = texts(queues.finished(one, .accepted, random: 0).start), !next.isEmpty {
            delivered += next
        }
        #expect(delivered == ["1:0"] + (21 - limit...20).map { "1:\($0)" })
    }

    @Test("no more deliveries run than are allowed, and every unit has its turn")
    func concurrency() throws {
        var queues = queues(concurrency: 2, queue: 3)
        var running: [String] = []
        for unit in 1...5 {
            for text in ["a", "b", "c", "d"] {
                running += texts(queues.accept(try Measurement(text), from: IPv4Address(bits: UInt32(unit))))
            }
        }
        #expect(running == ["1:a", "2:a"])
        #expect(texts(queues.finished(one, .accepted, random: 0).start) == ["3:b"])
        #expect(texts(queues.finished(two, .accepted, random: 0).start) == ["4:b"])
    }

    @Test("under random failures each unit's measurements arrive in order and none is lost", arguments: 1...20)
    func random(seed: UInt64) throws {
        var state = seed
        func roll(_ sides: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % sides
        }
        var queues = queues(concurrency: 3)
        var running: [DeliveryQueues.Delivery] = []
        var waiting: [IPv4Address] = []
        var delivered: [IPv4Address: [Int]] = [:]
        var next: [IPv4Address: Int] = [:]
        for step in 0..<2000 {
            if step < 1000, roll(2) == 0 {
                let unit = IPv4Address(bits: UInt32(roll(6)))
                running += queues.accept(try Measurement("\(next[unit, default: 0])"), from: unit)
                next[unit, default: 0] += 1
            } else if !waiting.isEmpty, roll(2) == 0 {
                running += queues.retry(waiting.removeFirst())
            } else if !running.isEmpty {
                let delivery = running.remove(at: Int(roll(UInt64(running.count))))
                let fails = step < 1500 && roll(3) == 0
                if !fails { delivered[delivery.unit, default: []].append(Int(delivery.measurement.text) ?? -1) }
                let result = queues.finished(
                    delivery.unit, fails ? .retry(reason: "", after: nil) : .accepted, random: 0)
                running += result.start
                if result.retryIn != nil { waiting.append(delivery.unit) }
            }
            #expect(running.count <= 3)
            #expect(Set(running.map(\.unit)).count == running.count)
        }
        for (unit, count) in next {
            #expect(delivered[unit] == Array(0..<count))
        }
    }
}
