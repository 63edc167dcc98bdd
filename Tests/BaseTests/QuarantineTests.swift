import Testing

@testable import Base

@Suite struct QuarantineTests {
    private func quarantine(limit: Int = 3) -> Quarantine {
        Quarantine(limit: limit, window: .seconds(60), steady: .seconds(30))
    }

    @Test("so many losses within the time begin it, once")
    func begins() {
        var quarantine = quarantine()
        let began = [10, 20, 69, 70].map { quarantine.lose(at: .seconds($0)) }
        #expect(began == [false, false, true, false])
        #expect(quarantine.since == .seconds(69))
    }

    @Test("losses that are spread further do not")
    func spread() {
        var quarantine = quarantine()
        let began = (0..<100).contains { quarantine.lose(at: .seconds(30 * $0)) }
        #expect(!began)
    }

    @Test("a connection that stands long enough ends it, and the losses begin anew")
    func ends() {
        var quarantine = quarantine()
        #expect(quarantine.end(opened: .zero) == nil)
        for second in 1...3 { _ = quarantine.lose(at: .seconds(second)) }
        #expect(quarantine.end(opened: .seconds(40)) == .seconds(70))
        let ended = [69, 70, 71].map { quarantine.stand(since: .seconds(40), at: .seconds($0)) }
        #expect(ended == [false, true, false])
        #expect(quarantine.since == nil)
        let began = [71, 72, 73].map { quarantine.lose(at: .seconds($0)) }
        #expect(began == [false, false, true])
    }

    @Test("a limit of nought never begins it")
    func never() {
        var quarantine = quarantine(limit: 0)
        let began = (0..<1000).contains { quarantine.lose(at: .milliseconds($0)) }
        #expect(!began)
    }
}
