import Testing

@testable import Base

@Suite struct RepeatsTests {
    @Test("the first, the second, the fourth, the eighth time and so on are told")
    func powers() {
        #expect((0...40).filter { Repeats.isTold($0) } == [1, 2, 4, 8, 16, 32])
    }

    @Test("many times at once are told when one of those is among them")
    func together() {
        #expect(
            [(0, 3), (3, 4), (4, 7), (5, 9), (9, 9)].map { Repeats.isTold($1, before: $0) } == [
                true, true, false, true, false,
            ])
    }
}
