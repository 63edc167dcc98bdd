import TestSupport
import Testing
import UnitProtocol

@testable import Base

/// Whose turn it is, and what comes of failures, in virtual time.
@Suite(.timeLimit(.minutes(5))) struct DeliveryScheduleTests {
    private func unit(_ number: Int) -> IPv4Address { IPv4Address(bits: UInt32(number)) }

    private func settings(_ change: (inout WebhookSettings) -> Void = { _ in }) -> WebhookSettings {
        var settings = WebhookSettings()
        change(&settings)
        return settings
    }

    private func texts(_ model: ModelDashboard, _ number: Int) -> [String] {
        model.taken.filter { $0.record.unit == unit(number) }.map(\.record.measurement.text)
    }

    @Test(
        "WH-003: under random failures each unit's measurements arrive in order, each once, over one request at a time",
        arguments: [1, 7, 500], 1...12 as ClosedRange<UInt64>)
    func random(batch: Int, seed: UInt64) throws {
        var model = ModelDashboard(settings { $0.concurrency = 5 }, seed: seed)
        model.schedule.batchLimit = batch
        var rolls = SeededRandom(seed: seed &* 77)
        model.answers = { delivery, now in
            // Away for a while, and moody for the rest.
            if (.seconds(2) ..< .seconds(9)).contains(now) { return .retry(reason: "away", after: nil) }
            switch UInt64.random(in: 0..<10, using: &rolls) {
            case 0: return .retry(reason: "500", after: nil)
            case 1: return .retry(reason: "429", after: .seconds(1))
            case 2: return .tooMany(reason: "413")
            default: return .answered(delivery.records.map { _ in .accepted })
            }
        }
        for number in 0..<40 { try model.keep("old \(number)", unit(number % 3)) }
        model.restore()
        for turn in 0..<600 {
            for number in 0..<8 where turn % (number + 1) == 0 { try model.say("\(turn)", unit(number)) }
            model.pass(until: .milliseconds(25 * turn))
        }
        model.pass()
        #expect(model.left == 0)
        #expect(model.faults == [])
        #expect(model.schedule.isEmpty)
        #expect(model.mostUnderWay <= 5)
        for number in 0..<8 {
            let old = number < 3 ? stride(from: number, to: 40, by: 3).map { "old \($0)" } : []
            let new = (0..<600).filter { $0 % (number + 1) == 0 }.map { "\($0)" }
            #expect(texts(model, number) == old + new, "unit \(number)")
        }
    }

    @Test(
        "with fresh values first nothing of a long outage is left behind, whatever is said meanwhile",
        arguments: [1, 500])
    func freshAfterOutage(batch: Int) throws {
        var model = ModelDashboard(
            settings {
                $0.order = .freshFirst
                $0.backlogRate = 20
            }, seed: 4)
        model.schedule.batchLimit = batch
        model.answers = { delivery, now in
            now < .seconds(300)
                ? .retry(reason: "away", after: nil) : .answered(delivery.records.map { _ in .accepted })
        }
        for second in 0..<600 {
            model.pass(until: .seconds(second))
            for number in 0..<3 { try model.say("\(second)", unit(number)) }
        }
        model.pass()
        #expect(model.faults == [])
        #expect(model.left == 0)
        #expect(model.schedule.isEmpty)
        for number in 0..<3 {
            #expect(texts(model, number).sorted() == (0..<600).map { "\($0)" }.sorted(), "unit \(number)")
        }
    }

    @Test(
        "however it is set, and whatever the outbox gives up, the newest value of each unit is sent and none is forgotten",
        arguments: [false, true], 1...25 as ClosedRange<UInt64>)
    func settings(coalesces: Bool, seed: UInt64) throws {
        for order in [WebhookSettings.Order.inOrder, .freshFirst] {
            var model = ModelDashboard(
                settings {
                    $0.order = order
                    $0.coalesces = coalesces
                    $0.backlogRate = 200
                    $0.concurrency = 3
                }, seed: seed)
            var rolls = SeededRandom(seed: seed &* 31)
            model.schedule.batchLimit = [1, 5, 500].randomElement(using: &rolls) ?? 1
            model.answers = { delivery, now in
                let isAway = now < .seconds(20) || (.seconds(40) ..< .seconds(50)).contains(now)
                if isAway || UInt64.random(in: 0..<10, using: &rolls) == 0 { return .retry(reason: "500", after: nil) }
                return .answered(delivery.records.map { _ in .accepted })
            }
            for number in 0..<100 { try model.keep("old \(number)", unit(number % 2)) }
            model.restore()
            for turn in 0..<700 {
                for number in 0..<4 where turn % (number + 1) == 0 { try model.say("\(turn)", unit(number)) }
                if UInt64.random(in: 0..<50, using: &rolls) == 0 {
                    model.giveUp(Int.random(in: 1...40, using: &rolls), of: unit(Int.random(in: 0..<4, using: &rolls)))
                }
                model.pass(until: .milliseconds(100 * turn))
            }
            model.pass()
            #expect(model.faults == [])
            #expect(model.left == 0)
            #expect(model.schedule.isEmpty)
            for number in 0..<4 {
                let newest = (0..<700).last { $0 % (number + 1) == 0 } ?? 0
                let isGone = model.givenUp.contains { $0.unit == unit(number) && $0.measurement.text == "\(newest)" }
                #expect(isGone || texts(model, number).contains("\(newest)"), "unit \(number), \(order)")
            }
        }
    }

    @Test("what a dashboard refuses for good is buried, and holds nothing up")
    func rejected() throws {
        var model = ModelDashboard(settings(), seed: 1)
        model.answers = { delivery, _ in
            .answered(
                delivery.records.map {
                    $0.measurement.text == "bad" ? .rejected(status: 422, reason: "no number") : .accepted
                })
        }
        for text in ["1", "bad", "2"] { try model.say(text, unit(1)) }
        model.pass()
        #expect(texts(model, 1) == ["1", "2"])
        #expect(model.buried.map(\.measurement.text) == ["bad"])
        #expect(model.left == 0)
    }

    @Test("with fresh values first what is new does not wait for what was left, which follows slowly and in its order")
    func freshFirst() throws {
        var model = ModelDashboard(
            settings {
                $0.order = .freshFirst
                $0.backlogRate = 10
            }, seed: 3)
        for number in 0..<200 { try model.keep("old \(number)", unit(1)) }
        model.restore()
        for second in 0..<5 {
            model.pass(until: .seconds(second))
            try model.say("new \(second)", unit(1))
        }
        model.pass()
        let said = model.taken.map(\.record.measurement.text)
        #expect(said.filter { $0.hasPrefix("old") } == (0..<200).map { "old \($0)" })
        #expect(said.filter { $0.hasPrefix("new") } == (0..<5).map { "new \($0)" })
        for second in 0..<5 {
            let at = try #require(model.taken.first { $0.record.measurement.text == "new \(second)" }?.at)
            #expect(at - .seconds(second) < .milliseconds(200), "new \(second)")
        }
        // 200 at 10 a second, and a second's worth at once.
        let end = try #require(model.taken.last?.at)
        #expect((.seconds(18) ... .seconds(25)).contains(end), "\(end)")
        #expect(model.left == 0)
        #expect(model.faults == [])
    }

    @Test(
        "with the newest only, what a newer value has overtaken is not sent, and the newest always is",
        arguments: 1...10 as ClosedRange<UInt64>)
    func newestOnly(seed: UInt64) throws {
        var model = ModelDashboard(settings { $0.coalesces = true }, seed: seed)
        model.answers = { delivery, now in
            now < .seconds(30) ? .retry(reason: "away", after: nil) : .answered(delivery.records.map { _ in .accepted })
        }
        for number in 0..<300 { try model.keep("old \(number)", unit(2)) }
        model.restore()
        for turn in 0..<100 {
            model.pass(until: .milliseconds(100 * turn))
            try model.say("\(turn)", unit(1))
        }
        model.pass()
        #expect(texts(model, 1).last == "99")
        #expect(texts(model, 1).count < 5)
        #expect(texts(model, 2).last == "old 299")
        #expect(texts(model, 2).count < 5)
        #expect(model.left == 0)
        #expect(model.faults == [])
        #expect(model.schedule.coalesced > 300)
    }

    @Test("a dashboard that is away is asked rarely, by one request at a time, and by more and more when it is back")
    func breaker() throws {
        var model = ModelDashboard(settings { $0.concurrency = 64 }, seed: 5)
        var requests: [Duration] = []
        model.answers = { delivery, now in
            requests.append(now)
            return now < .seconds(600)
                ? .retry(reason: "away", after: nil) : .answered(delivery.records.map { _ in .accepted })
        }
        for number in 0..<1000 { try model.say("1", unit(number)) }
        model.pass()
        let away = requests.filter { $0 < .seconds(600) }
        // The first ones together, and then a probe now and then.
        #expect((64..<130).contains(away.count), "\(away.count)")
        #expect(model.taken.count == 1000)
        #expect(model.left == 0)
    }

    @Test(
        "requests that fail again and again: each unit goes alone, and then one measurement, until it is clear which is in the way"
    )
    func suspects() throws {
        var schedule = DeliverySchedule(
            settings: settings {
                $0.concurrency = 1
                $0.breakerFailures = 1000
            })
        schedule.batchLimit = 500
        let run = RunID(high: 1, low: 2)
        let said = [(1, "a"), (1, "b"), (2, "bad"), (2, "c"), (3, "d")]
        let records = try said.enumerated().map { place, one in
            OutboxRecord(
                key: OutboxKey(run: run, sequence: UInt64(place + 1)), unit: unit(one.0), acceptedAt: 0,
                measurement: try Measurement(one.1))
        }
        var actions = schedule.accept(records, at: .zero)
        var (now, fraction) = (Duration.zero, 0.0)
        var requests: [String] = []
        var buried: [OutboxRecord] = []
        for _ in 0..<20 {
            for case .bury(let record, _, _) in actions { buried.append(record) }
            let deliveries = actions.compactMap { if case .deliver(let delivery) = $0 { delivery } else { nil } }
            guard let delivery = deliveries.first else {
                now += .seconds(60)
                actions = schedule.wake(at: now)
                continue
            }
            let texts = delivery.records.map(\.measurement.text)
            requests.append(zip(delivery.records, texts).map { "\($0.unit.bits):\($1)" }.joined(separator: " "))
            let outcome: DeliveryOutcome =
                !texts.contains("bad")
                ? .answered(texts.map { _ in .accepted })
                : texts.count == 1
                    ? .answered([.rejected(status: 422, reason: "no number")]) : .retry(reason: "500", after: nil)
            // The pauses end in the order of the units.
            actions = schedule.finished(delivery.number, outcome, at: now) {
                fraction += 0.01
                return fraction
            }
        }
        #expect(
            requests == [
                "1:a 1:b 2:bad 2:c 3:d", "1:a 1:b 2:bad 2:c 3:d", "1:a 1:b", "2:bad 2:c", "3:d", "2:bad", "2:c",
            ])
        #expect(buried == [records[2]])
        #expect(schedule.isEmpty)
    }

    @Test("where the dashboard wants to be left alone, the unit waits for that, and all do when the breaker has opened")
    func leftAlone() throws {
        for (failures, others) in [(1000, [unit(2)]), (1, [])] {
            var schedule = DeliverySchedule(
                settings: settings {
                    $0.concurrency = 1
                    $0.breakerFailures = failures
                })
            let records = try (1...2).map { number in
                OutboxRecord(
                    key: OutboxKey(run: RunID(high: 1, low: 2), sequence: UInt64(number)), unit: unit(number),
                    acceptedAt: 0, measurement: try Measurement("1"))
            }
            func sent(_ actions: [DeliverySchedule.Action]) -> [DeliverySchedule.Delivery] {
                actions.compactMap { if case .deliver(let delivery) = $0 { delivery } else { nil } }
            }
            let first = try #require(sent(schedule.accept(records, at: .zero)).first)
            let next = sent(
                schedule.finished(first.number, .retry(reason: "503", after: .seconds(30)), at: .zero) { 0 })
            #expect(next.flatMap(\.records).map(\.unit) == others)
            for delivery in next {
                _ = schedule.finished(delivery.number, .answered([.accepted]), at: .zero) { 0 }
            }
            #expect(sent(schedule.wake(at: .seconds(29))) == [])
            #expect(sent(schedule.wake(at: .seconds(30))).count == 1)
        }
    }

    @Test("of many units no more is asked of the outbox than may be held, and of the others in their turn")
    func bounded() {
        var schedule = DeliverySchedule(settings: settings())
        let units = (1...3000).map(unit)
        func asked(_ actions: [DeliverySchedule.Action]) -> [IPv4Address] {
            actions.compactMap { if case .load(let unit, _, _) = $0 { unit } else { nil } }
        }
        var all = asked(schedule.restore(units, at: .zero))
        #expect(all.count == (DeliverySchedule.mostHeld + Lane.most - 1) / Lane.most)
        var answered = 0
        while answered < all.count {
            all += asked(schedule.loaded(all[answered], [], at: .zero))
            answered += 1
        }
        #expect(all.sorted() == units)
        #expect(schedule.isEmpty)
    }

    @Test("units take turns: one that has much to say holds up no other")
    func turns() throws {
        var model = ModelDashboard(settings { $0.concurrency = 1 }, seed: 6)
        for number in 0..<50 { try model.say("\(number)", unit(1)) }
        try model.say("mine", unit(2))
        model.pass()
        let place = model.taken.firstIndex { $0.record.unit == unit(2) }
        #expect(try #require(place) <= 2)
        #expect(texts(model, 1) == (0..<50).map { "\($0)" })
    }
}
