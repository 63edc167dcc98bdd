import Testing

@testable import ClientSim

@Suite struct AgendaTests {
    @Test("what is due comes in the order of numbers, at the time that was set last, until it is set anew")
    func order() {
        var agenda = Agenda(count: 4)
        #expect(agenda.next == nil)
        agenda[3] = .seconds(1)
        agenda[1] = .seconds(5)
        agenda[1] = .seconds(1)
        agenda[0] = .seconds(2)
        agenda[0] = nil
        agenda[2] = .seconds(3)
        #expect(agenda.next == .seconds(1))
        #expect(agenda.due(by: .seconds(1)) == [1, 3])
        #expect(agenda.due(by: .seconds(2)) == [1, 3])
        agenda[1] = .seconds(9)
        agenda[3] = nil
        #expect(agenda.next == .seconds(3))
        #expect(agenda.due(by: .seconds(8)) == [2])
        #expect(agenda[1] == .seconds(9))
    }

    @Test("however it is set, it says what a list of all times would")
    func asList() {
        var random = SplitMix64(seed: 7)
        var agenda = Agenda(count: 20)
        var times = [Duration?](repeating: nil, count: 20)
        for step in 0..<2000 {
            let number = Int.random(in: 0..<20, using: &random)
            let time: Duration? =
                Bool.random(using: &random) ? .milliseconds(Int.random(in: 0...500, using: &random)) : nil
            agenda[number] = time
            times[number] = time
            #expect(agenda.next == times.compactMap(\.self).min())
            guard step.isMultiple(of: 7) else { continue }
            let now = Duration.milliseconds(Int.random(in: 0...500, using: &random))
            #expect(agenda.due(by: now) == times.indices.filter { times[$0].map { $0 <= now } ?? false })
        }
    }
}
