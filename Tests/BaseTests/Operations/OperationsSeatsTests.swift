import Testing

@testable import Base

@Suite struct OperationsSeatsTests {
    private final class Connection {}

    @Test(
        "at the limit the one that has waited longest for a question gives way, and then the one that has asked first")
    func giveWay() {
        let all = (0..<5).map { _ in Connection() }
        var seats = OperationsSeats<Int>(limit: 3)
        func admit(_ index: Int) -> Int? { seats.admit(ObjectIdentifier(all[index]), index) }
        for index in 0..<3 { #expect(admit(index) == nil) }
        seats.noteQuestion(ObjectIdentifier(all[0]))
        #expect(admit(3) == 1)
        #expect(admit(4) == 2)
        for index in [4, 3] { seats.noteQuestion(ObjectIdentifier(all[index])) }
        #expect(admit(1) == 0)
        seats.noteQuestion(ObjectIdentifier(all[1]))
        #expect(admit(2) == 4)
        seats.leave(ObjectIdentifier(all[3]))
        #expect(admit(4) == nil)
        #expect(seats.all.sorted() == [1, 2, 4])
    }

    @Test("one that came later and has not asked gives way before one that has asked earlier")
    func unaskedFirst() {
        let all = (0..<3).map { _ in Connection() }
        var seats = OperationsSeats<Int>(limit: 2)
        #expect(seats.admit(ObjectIdentifier(all[0]), 0) == nil)
        seats.noteQuestion(ObjectIdentifier(all[0]))
        #expect(seats.admit(ObjectIdentifier(all[1]), 1) == nil)
        #expect(seats.admit(ObjectIdentifier(all[2]), 2) == 1)
        #expect(seats.all.sorted() == [0, 2])
    }
}
