import ESPLoader
import Testing

@Suite struct ExchangeSequenceTests {
    private let question = SLIP.encode(LoaderCommand.readRegister(address: 0x3FF0_0050).request.content)
    private let answer = LoaderResponse(opcode: Opcode.readRegister.rawValue, value: 7, body: [0, 0])
    private var wire: [UInt8] { SLIP.encode(answer.content) }

    private func started(tries: Int) -> ExchangeSequence {
        var sequence = ExchangeSequence(.readRegister(address: 0x3FF0_0050), within: .seconds(1), tries: tries)
        #expect(sequence.start(at: .zero) == [.send(question), .wake(at: .seconds(1))])
        return sequence
    }

    @Test("the answer ends it, wherever it is cut")
    func answered() {
        for cut in 1..<wire.count {
            var sequence = started(tries: 1)
            #expect(sequence.receive(Array(wire[..<cut]), at: .zero) == [])
            #expect(sequence.receive(Array(wire[cut...]), at: .zero) == [.finished(.answered(answer))])
            #expect(sequence.tick(at: .seconds(5)) == [])
        }
    }

    @Test("a refusal ends it, after as many tries as there may be")
    func refused() {
        let wire = SLIP.encode(LoaderResponse(opcode: Opcode.readRegister.rawValue, body: [1, 5]).content)
        var once = started(tries: 1)
        #expect(once.receive(wire, at: .zero) == [.finished(.refused(.badFormat))])
        var twice = started(tries: 2)
        #expect(twice.receive(wire, at: .zero) == [.send(question), .wake(at: .seconds(1))])
        #expect(twice.receive(wire, at: .zero) == [.wake(at: .milliseconds(50))])
        #expect(twice.tick(at: .milliseconds(50)) == [.finished(.refused(.badFormat))])
    }

    @Test("unanswered it is given again as often as it may be")
    func again() {
        var sequence = started(tries: 2)
        #expect(sequence.tick(at: .milliseconds(999)) == [.wake(at: .seconds(1))])
        #expect(sequence.tick(at: .seconds(1)) == [.discardInput, .send(question), .wake(at: .seconds(2))])
        #expect(sequence.tick(at: .seconds(2)) == [.finished(.unanswered(tries: 2))])
    }

    @Test("after a second try it waits until late answers have come")
    func late() {
        var sequence = started(tries: 2)
        _ = sequence.tick(at: .seconds(1))
        #expect(sequence.receive(wire, at: .milliseconds(1100)) == [.wake(at: .milliseconds(1150))])
        #expect(sequence.receive(wire, at: .milliseconds(1140)) == [.wake(at: .milliseconds(1190))])
        #expect(sequence.tick(at: .milliseconds(1189)) == [.wake(at: .milliseconds(1190))])
        #expect(sequence.tick(at: .milliseconds(1190)) == [.finished(.answered(answer))])
    }

    @Test("a line that never falls silent does not hold it for ever")
    func chatter() {
        var sequence = started(tries: 2)
        _ = sequence.tick(at: .seconds(1))
        _ = sequence.receive(wire, at: .milliseconds(1100))
        var last: [ExchangeSequence.Action] = []
        for step in 0..<100 where last.isEmpty || last.first == .wake(at: .milliseconds(1110 + step * 20 + 30)) {
            last = sequence.receive([0x55], at: .milliseconds(1110 + step * 20))
        }
        #expect(last == [.finished(.answered(answer))])
    }
}
