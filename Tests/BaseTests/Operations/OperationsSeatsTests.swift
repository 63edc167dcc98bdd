import Testing

@testable import Base

@Suite struct OperationsSeatsTests {
    private final class Connection {}

    @Test("at the limit the one that has waited longest for a question gives way; one that is answered does not")
    func giveWay() {
        let all = (0..<5).map { _ in Connection() }
        var seats = OperationsSeats<Int>(limit: 3)
        func admit(_ index: Int) -> [Int?] {
            let (isAdmitted, evicted) = seats.admit(ObjectIdentifier(all[index]), index)
            return [isAdmitted ? index : nil, evicted]
        }
        for index in 0..<3 { #expect(admit(index) == [index, nil]) }
        seats.note(ObjectIdentifier(all[0]), isAsking: true)
        #expect(admit(3) == [3, 1])
        seats.note(ObjectIdentifier(all[0]), isAsking: false)
        #expect(admit(4) == [4, 2])
        for index in [0, 3, 4] { seats.note(ObjectIdentifier(all[index]), isAsking: true) }
        #expect(admit(1) == [nil, nil])
        seats.leave(ObjectIdentifier(all[3]))
        #expect(admit(1) == [1, nil])
        #expect(seats.all.sorted() == [0, 1, 4])
    }
}
