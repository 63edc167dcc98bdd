import ESPLoader
import Testing

@Suite struct WriteSequenceTests {
    private func answer(_ opcode: Opcode, _ status: [UInt8] = [0, 0]) -> [UInt8] {
        SLIP.encode(LoaderResponse(opcode: opcode.rawValue, body: status).content)
    }

    private func block(_ sequence: UInt32, _ data: [UInt8]) -> [UInt8] {
        let padded = data + [UInt8](repeating: 0xFF, count: 0x400 - data.count)
        return SLIP.encode(LoaderCommand.flashData(sequence: sequence, data: padded).request.content)
    }

    private let data = (0..<0x900).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    private func started() throws -> WriteSequence {
        var sequence = WriteSequence(
            offset: try #require(FlashOffset(bytes: 0x2000)), data: data, eraseSize: 0x1000)
        let begin = LoaderCommand.flashBegin(eraseSize: 0x1000, blocks: 3, blockSize: 0x400, offset: 0x2000)
        #expect(
            sequence.start(at: .zero) == [.send(SLIP.encode(begin.request.content)), .wake(at: .seconds(10))])
        return sequence
    }

    @Test("erase, then one block after the other, the last one filled up")
    func whole() throws {
        var sequence = try started()
        let now = Duration.seconds(1)
        #expect(
            sequence.receive(answer(.flashBegin), at: now) == [
                .send(block(0, Array(data[..<0x400]))), .wake(at: .seconds(4)),
            ])
        #expect(
            sequence.receive(answer(.flashData), at: now) == [
                .progress(0x400), .send(block(1, Array(data[0x400..<0x800]))), .wake(at: .seconds(4)),
            ])
        #expect(
            sequence.receive(answer(.flashData), at: now) == [
                .progress(0x800), .send(block(2, Array(data[0x800...]))), .wake(at: .seconds(4)),
            ])
        #expect(sequence.receive(answer(.flashData), at: now) == [.progress(0x900), .finished(.written)])
    }

    @Test("a block that is refused or not answered ends the sequence: it is never sent twice")
    func failingBlock() throws {
        var refused = try started()
        let first = WriteSequence.Action.send(block(0, Array(data[..<0x400])))
        #expect(refused.receive(answer(.flashBegin), at: .zero) == [first, .wake(at: .seconds(3))])
        #expect(
            refused.receive(answer(.flashData, [1, 7]), at: .seconds(1)) == [
                .finished(.failed(.blockRefused(offset: 0x2000, .badChecksum)))
            ])
        #expect(refused.tick(at: .seconds(9)) == [])
        var silent = try started()
        #expect(silent.receive(answer(.flashBegin), at: .zero) == [first, .wake(at: .seconds(3))])
        #expect(silent.tick(at: .seconds(2)) == [.wake(at: .seconds(3))])
        #expect(
            silent.tick(at: .seconds(3)) == [
                .finished(.failed(.blockNotAnswered(offset: 0x2000, limit: .seconds(3))))
            ])
    }

    @Test("an erase that is refused or not answered fails")
    func erase() throws {
        var refused = try started()
        #expect(
            refused.receive(answer(.flashBegin, [1, 6]), at: .zero) == [.finished(.failed(.eraseRefused(.failed)))])
        var silent = try started()
        #expect(
            silent.tick(at: .seconds(10)) == [.finished(.failed(.eraseNotAnswered(limit: .seconds(10))))])
    }

    @Test("after an interruption writing goes on at the sector that is not whole")
    func resume() throws {
        var sequence = WriteSequence(
            offset: try #require(FlashOffset(bytes: 0x2000)), data: [UInt8](repeating: 1, count: 0x3000),
            eraseSize: 0)
        #expect(sequence.resumeOffset.bytes == 0x2000)
        _ = sequence.start(at: .zero)
        _ = sequence.receive(answer(.flashBegin), at: .zero)
        for _ in 0..<3 { _ = sequence.receive(answer(.flashData), at: .zero) }
        #expect(sequence.resumeOffset.bytes == 0x2000)
        for _ in 0..<3 { _ = sequence.receive(answer(.flashData), at: .zero) }
        #expect(sequence.resumeOffset.bytes == 0x3000)
        _ = sequence.receive(answer(.flashData, [1, 6]), at: .zero)
        #expect(sequence.resumeOffset.bytes == 0x3000)
    }

    @Test("late answers and text never count as the answer")
    func stray() throws {
        var sequence = try started()
        #expect(sequence.receive(answer(.sync) + answer(.flashData), at: .zero) == [])
        #expect(sequence.receive(Array("x".utf8), at: .zero) == [.text(Array("x".utf8))])
    }
}
