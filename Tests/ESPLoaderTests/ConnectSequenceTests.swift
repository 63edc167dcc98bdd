import ESPLoader
import Testing

@Suite struct ConnectSequenceTests {
    private let sync = SLIP.encode(LoaderCommand.sync.request.content)
    /// One of the ROM's eight answers.
    private let answer: [UInt8] = [0xC0, 1, 8, 2, 0, 7, 7, 0x12, 0x20, 0, 0, 0xC0]
    private let stubAnswer: [UInt8] = [0xC0, 1, 8, 2, 0, 0, 0, 0, 0, 0, 0, 0xC0]

    @Test("the first attempt plays the tight reset, whose pauses begin when the lines have changed, then calls")
    func firstAttempt() {
        var sequence = ConnectSequence()
        #expect(
            sequence.start(at: .zero) == [
                .lines(.lines(dtr: false, rts: false)), .lines(.lines(dtr: true, rts: true)),
                .lines(.lines(dtr: false, rts: true)), .wake(at: .zero),
            ])
        // The lines took 80 ms, as through a serial server.
        #expect(sequence.tick(at: .milliseconds(80)) == [.wake(at: .milliseconds(180))])
        #expect(sequence.tick(at: .milliseconds(179)) == [.wake(at: .milliseconds(180))])
        #expect(
            sequence.tick(at: .milliseconds(180)) == [
                .lines(.lines(dtr: true, rts: false)), .wake(at: .milliseconds(180)),
            ])
        #expect(sequence.tick(at: .milliseconds(200)) == [.wake(at: .milliseconds(250))])
        #expect(
            sequence.tick(at: .milliseconds(250)) == [
                .lines(.lines(dtr: false, rts: false)), .discardInput, .send(sync), .wake(at: .milliseconds(350)),
            ])
    }

    /// Without a reset, as far as the first call.
    private func calling() -> ConnectSequence {
        var sequence = ConnectSequence(resets: [], attempts: 2)
        #expect(sequence.start(at: .zero) == [.discardInput, .send(sync), .wake(at: .milliseconds(100))])
        return sequence
    }

    @Test("the ROM's eight answers end the sequence, wherever they are cut")
    func answersOfTheROM() {
        let all = (0..<8).flatMap { _ in answer }
        for cut in 1..<all.count {
            var sequence = calling()
            let first = sequence.receive(Array(all[..<cut]), at: .milliseconds(10))
            #expect(!first.contains(.finished(.connected(isStub: false))))
            #expect(
                sequence.receive(Array(all[cut...]), at: .milliseconds(20)) == [.finished(.connected(isStub: false))])
        }
    }

    @Test("fewer answers than eight are enough after a while")
    func lostAnswers() {
        var sequence = calling()
        #expect(sequence.receive(answer + answer, at: .milliseconds(10)) == [.wake(at: .milliseconds(110))])
        #expect(sequence.tick(at: .milliseconds(110)) == [.finished(.connected(isStub: false))])
        #expect(sequence.tick(at: .seconds(1)) == [])
    }

    @Test("a stub is known by the value 0 of all its answers")
    func stub() {
        var sequence = calling()
        let all = (0..<8).flatMap { _ in stubAnswer }
        #expect(sequence.receive(all, at: .milliseconds(3)) == [.finished(.connected(isStub: true))])
        var mixed = calling()
        let last = (0..<7).flatMap { _ in stubAnswer } + answer
        #expect(mixed.receive(last, at: .milliseconds(3)) == [.finished(.connected(isStub: false))])
    }

    @Test("five calls without an answer, then the next attempt; after the last the sequence says what it heard")
    func noAnswer() {
        var sequence = calling()
        var now = Duration.zero
        for attempt in 0..<2 {
            for call in 0..<5 where (attempt, call) != (0, 0) {
                now += .milliseconds(100)
                #expect(
                    sequence.tick(at: now) == [.discardInput, .send(sync), .wake(at: now + .milliseconds(100))],
                    "attempt \(attempt), call \(call)")
            }
        }
        #expect(
            sequence.tick(at: now + .milliseconds(100)) == [.finished(.noAnswer(attempts: 2, heard: .nothing))])
    }

    @Test("text of the chip is passed on and counts as noise")
    func noise() {
        var sequence = ConnectSequence(resets: [], attempts: 1)
        _ = sequence.start(at: .zero)
        #expect(
            sequence.receive(Array("ets".utf8), at: .milliseconds(1)) == [
                .text(Array("ets".utf8)), .wake(at: .milliseconds(100)),
            ])
        for step in 1..<5 { _ = sequence.tick(at: .milliseconds(100 * step)) }
        #expect(
            sequence.tick(at: .milliseconds(500)) == [.finished(.noAnswer(attempts: 1, heard: .noise(bytes: 3)))])
    }

    @Test("a refused call is made again at once, and counts as something that was heard")
    func refused() {
        var sequence = ConnectSequence(resets: [], attempts: 1)
        _ = sequence.start(at: .zero)
        let refusal: [UInt8] = [0xC0, 1, 8, 2, 0, 7, 7, 0x12, 0x20, 1, 5, 0xC0]
        for call in 1..<5 {
            #expect(
                sequence.receive(refusal, at: .zero) == [.discardInput, .send(sync), .wake(at: .milliseconds(100))],
                "call \(call)")
        }
        #expect(
            sequence.receive(refusal, at: .zero) == [.finished(.noAnswer(attempts: 1, heard: .noise(bytes: 5)))])
    }

    @Test("the host's own echo is no answer")
    func echo() {
        var sequence = calling()
        #expect(sequence.receive(sync, at: .milliseconds(1)) == [.wake(at: .milliseconds(100))])
    }
}
