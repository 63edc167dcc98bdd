import TestSupport
import Testing

@testable import ESPLoader

/// A job of our stub over lines of every kind: however its answers come, all that was to be written is there when it is done.
@Suite(.timeLimit(.minutes(3))) struct StubWriteSequenceTests {
    private typealias Action = StubWriteSequence.Action

    /// Ten packets, the last one short.
    private let stream = noise(9 * StubProgram.slotBytes + 100, seed: 4)

    private func sequence(_ stream: [UInt8], mostRepeats: Int? = nil, window: Int = 8) -> StubWriteSequence {
        StubWriteSequence(
            job: 7, runs: [StubRun(sectors: 1..<4, isErased: true, isWritten: true)], stream: stream, window: window,
            mostRepeats: mostRepeats, baud: 115_200)
    }

    /// The answers to a job on a good line.
    private var answers: [[UInt8]] {
        var (stub, answers) = (ModelStub(expecting: stream.count), [[UInt8]]())
        var sequence = sequence(stream)
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

    /// Text that comes in pieces is one text.
    private func joined(_ actions: [Action]) -> [Action] {
        actions.reduce(into: []) { joined, action in
            if case .text(let more) = action, case .text(let text) = joined.last {
                joined[joined.count - 1] = .text(text + more)
            } else {
                joined.append(action)
            }
        }
    }

    @Test("wherever the answers are cut in two, the same is done, in the same order")
    func cut() {
        let strange = ModelStub.progress(job: 6, next: 3, isDone: true)
        let said = answers.flatMap { $0 + Array("load".utf8) } + strange
        var whole = sequence(stream)
        _ = whole.start(at: .zero)
        let expected = joined(whole.receive(said, at: .zero))
        #expect(expected.last == .finished(.done))
        for place in 0...said.count {
            var sequence = sequence(stream)
            _ = sequence.start(at: .zero)
            let first = sequence.receive(Array(said[..<place]), at: .zero)
            #expect(joined(first + sequence.receive(Array(said[place...]), at: .zero)) == expected, "cut at \(place)")
        }
    }

    @Test("wherever the answers end, it gives up after eight more tries, and has sent nothing for a job that is done")
    func ended() {
        let said = answers.flatMap { $0 }
        for place in 0...said.count {
            var sequence = sequence(stream)
            let begun = sequence.start(at: .zero)
            let heard = sequence.receive(Array(said[..<place]), at: .zero)
            var actions = heard.isEmpty ? begun : heard
            var (tries, now) = (0, Duration.zero)
            while actions.last?.isEnd != true, tries < 100 {
                guard case .wake(let time) = actions.last else { break }
                now = time
                actions = sequence.tick(at: now)
                tries += 1
            }
            let isWhole = place == said.count
            #expect(actions.last == .finished(isWhole ? .done : .unanswered), "ended at \(place)")
            #expect(tries == (isWhole ? 0 : StubWriteSequence.mostSilences + 1), "ended at \(place)")
            #expect(sequence.receive(said, at: now) == [])
            #expect(sequence.tick(at: now + .seconds(60)) == [])
        }
    }

    @Test(
        "packets and answers that are lost, doubled, overtaken or damaged change nothing of what is written",
        arguments: [
            DisturbedLine.Faults(), DisturbedLine.Faults(lost: 10), DisturbedLine.Faults(doubled: 30),
            DisturbedLine.Faults(late: 30), DisturbedLine.Faults(damaged: 10),
            DisturbedLine.Faults(lost: 8, doubled: 8, late: 8, damaged: 8),
        ])
    func disturbed(faults: DisturbedLine.Faults) {
        for seed in 1...40 as ClosedRange<UInt64> {
            let data = noise(Int(seed) * 1402, seed: seed)
            var stub = ModelStub(expecting: data.count)
            var sequence = sequence(data, window: Int(seed) % 32 + 1)
            var line = DisturbedLine(seed: seed, faults)
            let end = line.run(&sequence, with: &stub)
            #expect(end?.outcome == .done, "seed \(seed): \(String(describing: end))")
            #expect(stub.stream == data, "seed \(seed)")
        }
    }

    @Test("on a good line no packet goes out twice, whatever the window", arguments: 1...40)
    func good(window: Int) {
        var stub = ModelStub(expecting: stream.count)
        var sequence = sequence(stream, mostRepeats: 0, window: window)
        var line = DisturbedLine(seed: 1, DisturbedLine.Faults())
        #expect(line.run(&sequence, with: &stub)?.outcome == .done)
        #expect(stub.stream == stream)
        #expect(stub.needless == 0)
        #expect(sequence.repeats == 0)
    }

    @Test("where more packets are lost than may be, it says so, and only there")
    func lossy() {
        let data = noise(40 * StubProgram.slotBytes, seed: 1)
        var (done, lossy) = (0, 0)
        for seed in 1...40 as ClosedRange<UInt64> {
            var stub = ModelStub(expecting: data.count)
            var sequence = sequence(data, mostRepeats: 8)
            var line = DisturbedLine(seed: seed, DisturbedLine.Faults(lost: 11))
            let end = line.run(&sequence, with: &stub)?.outcome
            if end == .lossy {
                lossy += 1
                #expect(sequence.repeats > 8, "seed \(seed)")
            } else {
                done += 1
                #expect(end == .done, "seed \(seed)")
                #expect(stub.stream == data, "seed \(seed)")
            }
        }
        #expect(done > 0 && lossy > 0, "\(done) done, \(lossy) lossy")
    }

    @Test("a stub that answers whenever it is asked, and gets no further, is given up after half a minute")
    func standstill() {
        let answer = ModelStub.progress(job: 7, next: 2, programmed: StubProgram.slotBytes)
        var sequence = sequence(stream)
        _ = sequence.start(at: .zero)
        var (now, actions) = (Duration.zero, sequence.receive(answer, at: .zero))
        while actions.last?.isEnd != true, now < .seconds(120) {
            guard case .wake(let time) = actions.last else { break }
            now = time
            actions = sequence.tick(at: now)
            if actions.last?.isEnd != true { actions = sequence.receive(answer, at: now) }
        }
        #expect(actions == [.finished(.unanswered)])
        #expect((.seconds(30) ..< .seconds(32)).contains(now), "\(now)")
    }

    @Test("answers that tell nothing new keep nothing alive, however many there are")
    func talkative() {
        let answer = ModelStub.progress(job: 7, next: 2, programmed: StubProgram.slotBytes)
        var sequence = sequence(stream)
        _ = sequence.start(at: .zero)
        var (tenths, actions) = (0, [Action]())
        while actions.last?.isEnd != true, tenths < 1200 {
            tenths += 1
            actions = sequence.receive(answer, at: .milliseconds(100 * tenths))
        }
        #expect(actions.last == .finished(.unanswered))
        #expect(tenths == 301)
    }

    @Test("an answer that an other one has overtaken tells nothing")
    func lateAnswer() {
        var sequence = sequence(stream)
        _ = sequence.start(at: .zero)
        _ = sequence.receive(ModelStub.progress(job: 7, next: 0), at: .zero)
        _ = sequence.receive(ModelStub.progress(job: 7, next: 3), at: .zero)
        // 0 was missing, 1 and 2 were there.
        _ = sequence.receive(ModelStub.progress(job: 7, next: 0, have: 0b110), at: .zero)
        // 4 and 5 are lost, 6 is there.
        let sent = sequence.receive(ModelStub.progress(job: 7, next: 4, have: 0b100), at: .zero).flatMap { action in
            if case .send(let bytes) = action { return bytes }
            return []
        }
        var decoder = SLIPDecoder()
        let numbers = decoder.decode(sent).compactMap { event -> UInt32? in
            guard case .frame(let content) = event else { return nil }
            return content.word(at: 8).map { $0 & 0xFFFF }
        }
        #expect(Array(numbers.prefix(2)) == [4, 5])
    }
}
