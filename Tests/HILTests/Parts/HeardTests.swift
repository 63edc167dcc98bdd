import Testing

@testable import HIL

@Suite struct HeardTests {
    @Test("A place leads to what came after it, though the oldest is gone")
    func places() {
        let heard = Heard<Int>(most: 4)
        heard.append(1, at: .seconds(1))
        let place = heard.end
        for number in 2...6 { heard.append(number, at: .seconds(number)) }
        // Half of the most is kept when there is one too many.
        #expect(heard.from(0).map(\.element) == [4, 5, 6])
        #expect(heard.from(place).map(\.element) == [4, 5, 6])
        #expect(heard.end == 6)
        #expect(heard.first(from: place) { $0 == 5 }?.next == 5)
        #expect(heard.first(from: 5) { $0 == 5 } == nil)
        #expect(heard.last?.time == .seconds(6))
    }

    @Test("What is gone, and what has never come, is counted")
    func missing() {
        let heard = Heard<Int>(most: 4)
        for number in 1...5 { heard.append(number, at: .zero) }
        #expect(heard.missing(from: 0) == 3)
        #expect(heard.missing(from: 2) == 1)
        #expect(heard.missing(from: 3) == 0)
        heard.lose(10)
        #expect(heard.missing(from: 5) == 10)
        #expect(heard.birth == 0)
        heard.beginAnew()
        #expect(heard.birth == 5)
    }

    @Test("Lines end with LF, a CR before it is none of theirs, and one without an end is cut")
    func lines() {
        var lines = ConsoleLines()
        #expect(lines.lines(after: Array("a\r\nb".utf8)) == ["a"])
        #expect(lines.rest == "b")
        #expect(lines.lines(after: Array("c\n\n".utf8)) == ["bc", ""])
        #expect(lines.rest == nil)
        #expect(lines.lines(after: [UInt8](repeating: 0x61, count: 5000)).map(\.utf8.count) == [4096])
        #expect(lines.rest?.utf8.count == 904)
    }
}
