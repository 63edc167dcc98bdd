import Channels
import Testing

@Suite struct CloseCodeTests {
    @Test("CH-003: the number's class says when to come back")
    func classes() {
        let classes: [(ClosedRange<Int>, CloseCode.Reconnect)] = [
            (4000...4099, .onlyWhenChanged), (4100...4199, .later), (4200...4299, .atOnce), (4300...4399, .backOff),
            (1000...1015, .backOff), (3000...3999, .backOff),
        ]
        for (codes, reconnect) in classes {
            #expect(codes.allSatisfy { CloseCode(rawValue: $0).reconnect == reconnect })
        }
    }

    @Test("known codes are written with their number and meaning, others with their number")
    func words() {
        #expect("\(CloseCode.unauthorized)" == "4009 not authorized")
        #expect("\(CloseCode(rawValue: 1006))" == "1006")
    }
}
