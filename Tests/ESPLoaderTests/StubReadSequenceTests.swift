import TestSupport
import Testing

@testable import ESPLoader

/// Reading from our stub over lines of every kind: what is given as read is what is there.
@Suite(.timeLimit(.minutes(3))) struct StubReadSequenceTests {
    private typealias Action = StubReadSequence.Action

    private let flash = noise(64_000, seed: 5)

    private func sequence(_ range: Range<Int>) -> StubReadSequence {
        StubReadSequence(offset: range.lowerBound, count: range.count, baud: 115_200)
    }

    /// The answers to all questions on a good line.
    private func answers(_ range: Range<Int>) -> [[UInt8]] {
        var (stub, answers) = (ModelStub(flash: flash), [[UInt8]]())
        var sequence = sequence(range)
        var waiting = sequence.start(at: .zero)
        while !waiting.isEmpty {
            guard case .send(let bytes) = waiting.removeFirst() else { continue }
            for answer in stub.take(bytes) {
                answers.append(answer)
                waiting += sequence.receive(answer, at: .zero)
            }
        }
        return answers
    }

    @Test("wherever the answers are cut in two, the same is done, in the same order")
    func cut() {
        let range = 5..<5 + 2 * 4096 + 7
        let said = answers(range).flatMap { $0 }
        var whole = sequence(range)
        _ = whole.start(at: .zero)
        let expected = whole.receive(said, at: .zero)
        #expect(expected.last == .finished(.read(Array(flash[range]))))
        // Every place around the frames' ends, and some between.
        let lengths = answers(range).map(\.count)
        let ends = [0, lengths[0], lengths[0] + lengths[1], said.count]
        let places = Set(
            ends.flatMap { max(0, $0 - 20)...min(said.count, $0 + 20) } + stride(from: 0, to: said.count, by: 97))
        for place in places {
            var sequence = sequence(range)
            _ = sequence.start(at: .zero)
            let first = sequence.receive(Array(said[..<place]), at: .zero)
            #expect(first + sequence.receive(Array(said[place...]), at: .zero) == expected, "cut at \(place)")
        }
    }

    @Test("wherever the answers end, it asks eight times more, and gives up")
    func ended() {
        let range = 100..<100 + 4500
        let said = answers(range).flatMap { $0 }
        for place in stride(from: 0, to: said.count, by: 31) + [said.count - 1, said.count] {
            var sequence = sequence(range)
            var actions = sequence.start(at: .zero)
            let wake = actions.last
            let heard = sequence.receive(Array(said[..<place]), at: .zero)
            actions = heard.last == nil ? [wake].compactMap(\.self) : heard
            var tries = 0
            while actions.last?.isEnd != true, tries < 100 {
                guard case .wake(let time) = actions.last else { break }
                actions = sequence.tick(at: time)
                tries += 1
            }
            let isWhole = place == said.count
            #expect(
                actions.last == .finished(isWhole ? .read(Array(flash[range])) : .unanswered), "ended at \(place)")
            #expect(tries == (isWhole ? 0 : StubReadSequence.mostSilences + 1), "ended at \(place)")
            #expect(sequence.receive(said, at: .zero) == [])
            #expect(sequence.tick(at: .seconds(3600)) == [])
        }
    }

    @Test(
        "questions and answers that are lost, doubled, overtaken or damaged change nothing of what is read",
        arguments: [
            DisturbedLine.Faults(), DisturbedLine.Faults(lost: 20), DisturbedLine.Faults(doubled: 30),
            DisturbedLine.Faults(late: 30), DisturbedLine.Faults(damaged: 20),
            DisturbedLine.Faults(lost: 8, doubled: 8, late: 8, damaged: 8),
        ])
    func disturbed(faults: DisturbedLine.Faults) {
        for seed in 1...20 as ClosedRange<UInt64> {
            let start = Int(seed) * 131
            let range = start..<start + Int(seed) * 1999
            var stub = ModelStub(flash: flash)
            var sequence = sequence(range)
            var line = DisturbedLine(seed: seed, faults)
            let end = line.run(&sequence, with: &stub)
            #expect(end?.outcome == .read(Array(flash[range])), "seed \(seed)")
        }
    }

    @Test("a stub that tells the same piece again and again is given up after eight more tries")
    func standstill() {
        let range = 0..<20_000
        let first = answers(range)[0]
        var sequence = sequence(range)
        var actions = sequence.start(at: .zero)
        var wake = Duration.zero
        var tries = 0
        _ = sequence.receive(first, at: .zero)
        while actions.last?.isEnd != true, tries < 1000 {
            if case .wake(let time) = actions.last { wake = time }
            // It keeps talking all the time.
            for part in 0..<10 { #expect(sequence.receive(first, at: wake - .milliseconds(10 - part)) == []) }
            actions = sequence.tick(at: wake)
            tries += 1
        }
        #expect(actions == [.finished(.unanswered)])
        #expect(tries == StubReadSequence.mostSilences + 1)
    }
}
