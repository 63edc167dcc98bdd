import Testing

@testable import ClientSim

@Suite struct FaultSelectionTests {
    @Test("an order names each place once", arguments: [1, 2, 3, 7, 64, 1000])
    func order(count: Int) {
        let order = SeededOrder(count: count, seed: 9)
        #expect((0..<count).map { order.place(of: $0) }.sorted() == Array(0..<count))
    }

    @Test("a share is so many units exactly, the same for the same seed and others for another")
    func share() {
        func hit(_ seed: UInt64) -> [Int] {
            let selection = FaultSelection(units: 100..<300, share: 0.1, seed: seed)
            return (0..<400).filter { selection.contains($0) }
        }
        #expect(hit(1).count == 20)
        #expect(hit(1).allSatisfy { (100..<300).contains($0) })
        #expect(hit(1) == hit(1))
        #expect(hit(1) != hit(2))
    }

    @Test("the parts of a fleet have each unit once, also when a part is cut again")
    func shards() {
        for (machines, workers, units) in [(1, 6, 50_000), (5, 3, 1003), (3, 1, 2)] {
            var seen = [Int](repeating: 0, count: units)
            for machine in 0..<machines {
                let shard = Shard(index: machine, count: machines)
                var ofMachine = 0
                for worker in 0..<workers {
                    let part = shard.part(worker, of: workers)
                    #expect(part.unitCount(of: units) == Array(part.numbers(of: units)).count)
                    ofMachine += part.unitCount(of: units)
                    for number in part.numbers(of: units) { seen[number] += 1 }
                }
                #expect(ofMachine == shard.unitCount(of: units))
            }
            #expect(seen.allSatisfy { $0 == 1 })
        }
        #expect(Shard("2/5") == Shard(index: 1, count: 5))
        for text in ["0/5", "6/5", "2", "2/", "a/b", "1/2/3"] { #expect(Shard(text) == nil) }
    }

    @Test("arrivals are those of the file, and of the seed")
    func arrivals() {
        func times(_ arrival: Arrival, seed: UInt64 = 1) -> [Duration] {
            var times = ArrivalTimes(arrival, count: 5, seed: seed)
            return (0..<5).map { _ in times.next() }
        }
        #expect(times(.atOnce) == Array(repeating: .zero, count: 5))
        #expect(times(.linear(over: .seconds(10))) == [0, 2, 4, 6, 8].map { .seconds($0) })
        #expect(times(.steps(units: 2, every: .seconds(3))) == [0, 0, 3, 3, 6].map { .seconds($0) })
        let random = times(.poisson(perSecond: 100))
        #expect(random == random.sorted())
        #expect(random == times(.poisson(perSecond: 100)))
        #expect(random != times(.poisson(perSecond: 100), seed: 2))
    }

    @Test("events of one time come in the order of the file, an end before what begins after it")
    func order() {
        let faults: [Fault] = [.refuse, .blackHole, .garbage, .partial]
        var timeline = Timeline(
            faults.map { FaultEvent(at: .seconds(1), length: .seconds(1), every: .seconds(2), times: 2, fault: $0) },
            seed: 1)
        var steps: [String] = []
        while let step = timeline.next(dueBy: .seconds(3)) {
            steps.append("\(step.event.fault.kind.rawValue) \(step.isEnd ? "ends" : "begins")")
        }
        let names = faults.map(\.kind.rawValue)
        let expected = ["begins", "ends", "begins"].flatMap { word in names.map { "\($0) \(word)" } }
        #expect(steps == expected)
    }

    @Test("an event comes as often as it says, and ends each time")
    func timeline() {
        let event = FaultEvent(at: .seconds(1), length: .seconds(2), every: .seconds(5), times: 2, fault: .refuse)
        var timeline = Timeline([event], seed: 1)
        var steps: [String] = []
        while let step = timeline.next(dueBy: .seconds(100)) { steps.append("\(step.at) \(step.isEnd)") }
        #expect(steps == ["1.0 seconds false", "3.0 seconds true", "6.0 seconds false", "8.0 seconds true"])
        #expect(timeline.nextAt == nil)
    }
}
