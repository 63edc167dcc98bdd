import ArgumentParser
import Testing

@testable import Up

@Suite struct UnitCountTests {
    @Test(
        "reads the number of read units and of lamps",
        arguments: [
            ("4+2", UnitCount(read: 4, updatable: 2)), ("0+1", UnitCount(read: 0, updatable: 1)),
            ("200+0", UnitCount(read: 200, updatable: 0)),
        ])
    func reads(text: String, count: UnitCount) throws {
        #expect(try UnitCount(argument: text) == count)
        #expect("\(count)" == text)
    }

    @Test(
        "anything else is refused",
        arguments: ["", "4", "4+", "+2", "4+2+1", "-1+2", "0+0", "201+0", "100+101", "a+b", "9223372036854775807+1"])
    func refuses(text: String) {
        #expect(throws: ValidationError.self) { try UnitCount(argument: text) }
    }
}
