import Testing

@testable import Base

@Suite struct TroubleLogTests {
    private static let first = "cannot write /x/00000000000000000001.acks: No space left on device"

    @Test(
        "the same trouble each second for a day is told at once, then after 1, 2, 4 … 60 minutes, with how often it came"
    )
    func pauses() {
        var log = TroubleLog()
        var told: [[Int]] = []
        for second in 0..<86_400 {
            if let count = log.note(Self.first, at: .seconds(second)) { told.append([second, count]) }
        }
        let early = [[0, 1], [60, 60], [180, 120], [420, 240], [900, 480], [1860, 960], [3780, 1920]]
        #expect(Array(told.prefix(7)) == early)
        #expect(told.dropFirst(7).allSatisfy { $0[1] == 3600 })
        #expect(told.count == 7 + (86_400 - 3780 - 1) / 3600)
    }

    @Test("other trouble is told at once, another file's is the same, and what was over for two hours is new")
    func kinds() {
        var log = TroubleLog()
        #expect(log.note(Self.first, at: .seconds(0)) == 1)
        #expect(log.note(Self.first.replacing("01.acks", with: "77.acks"), at: .seconds(1)) == nil)
        #expect(
            log.note(Self.first.replacing("No space left on device", with: "Input/output error"), at: .seconds(2)) == 1)
        #expect(log.note(Self.first, at: .seconds(7200)) == 2)
        #expect(log.note(Self.first, at: .seconds(14_399)) == 1)
        #expect(log.note(Self.first, at: .seconds(14_400 + 7200)) == 1)
        #expect(log.note(Self.first, at: .seconds(14_401 + 7200)) == nil)
        // The pause begins anew as well.
        #expect(log.note(Self.first, at: .seconds(14_460 + 7200)) == 2)
    }

    @Test("more kinds than are remembered are told each, and the memory stays bounded")
    func many() {
        var log = TroubleLog()
        for number in 0..<17 {
            let reason = String(repeating: "x", count: number + 1)
            #expect(log.note(reason, at: .seconds(number)) == 1)
        }
        #expect(log.note("xx", at: .seconds(18)) == nil)
        #expect(log.note("x", at: .seconds(19)) == 1)
    }
}
