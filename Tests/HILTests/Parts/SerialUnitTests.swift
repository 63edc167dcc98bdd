import Testing

@testable import HIL

/// What a real board's power is after a case.
@Suite(.timeLimit(.minutes(5))) struct SerialUnitTests {
    private func unit(_ power: RigBoard.PowerSwitch, _ bench: Bench) -> SerialUnit {
        SerialUnit(RigBoard(name: "b", kind: .read, driver: .serial, power: power), unit: "u", bench: bench)
    }

    @Test("A switch that does not give the power back is the bench's fault")
    func broken() async throws {
        let unit = unit(.commands(on: ["false"], off: ["true"]), .alone())
        try await unit.power(.off, cable: nil)
        #expect(
            await unit.end() == [
                .infrastructure("u is left without power: the power of b: false ended with exit code 1")
            ])
    }

    @Test("Where a person is the switch, and nobody has answered, the board was not switched off")
    func nobody() async throws {
        let unit = unit(.byHand, .alone())
        await #expect(throws: HILError.infrastructure("nobody can switch the power of b off")) {
            try await unit.power(.off, cable: nil)
        }
        #expect(await unit.end() == [])
    }

    @Test("A person who has gone is no fault of the bench, and a warning says that the board is left so")
    func personGone() async throws {
        let bench = Bench.alone(prompt: OneAnswer())
        let unit = unit(.byHand, bench)
        try await unit.power(.off, cable: nil)
        #expect(await unit.end() == [])
        #expect(
            bench.journal.entries().filter { $0.weight == .warning }.map(\.text) == [
                "u is left without power: nobody is there"
            ])
    }

    /// Somebody who goes away after the first question.
    private actor OneAnswer: Prompt {
        private var hasAnswered = false

        func ask(_ what: String) async throws {
            if hasAnswered { throw HILError.infrastructure("nobody is there") }
            hasAnswered = true
        }
    }
}
