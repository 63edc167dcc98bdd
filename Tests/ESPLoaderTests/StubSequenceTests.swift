import Testing

@testable import ESPLoader

/// What is said to our stub, and what is made of its answers.
struct StubSequenceTests {
    private let noise = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 5) }
    private let blank = [UInt8](repeating: 0xFF, count: 4096)

    @Test("SB-003: a request carries the CRC-32 of the rest: vectors of Python's zlib")
    func requests() {
        #expect(LoaderCommand.stubHello.request.content == [0x00, 0x40, 0x00, 0x00, 0xDC, 0x52, 0xDE, 0x51])
        let digests = LoaderCommand.stubSectorDigests(first: 0x10, count: 0x42).request.content
        #expect(
            digests == [
                0x00, 0x42, 0x08, 0x00, 0x28, 0x87, 0x80, 0xAB, 0x10, 0x00, 0x00, 0x00, 0x42, 0x00, 0x00, 0x00,
            ])
    }

    @Test("SB-006: a sector's digest: CRC-32 of Python's zlib, and FNV-1a by words, made by a separate program")
    func digest() {
        #expect(SectorDigest(of: noise) == SectorDigest(crc: 0x7390_74B3, hash: 0x9474_84C5))
        #expect(SectorDigest(of: blank) == SectorDigest(crc: 0xF154_670A, hash: 0x06E3_29C5))
    }

    @Test("SB-007: only what differs is touched; what is blank is not erased, what shall be blank is not written")
    func runs() {
        let (same, erased) = (SectorDigest(of: noise), SectorDigest(of: blank))
        let other = SectorDigest(crc: same.crc, hash: same.hash ^ 1)
        let wanted = [noise, noise, noise, noise, blank, blank]
        let runs = StubRun.runs(first: 3, wanted: wanted, found: [same, other, nil, erased, other, erased])
        #expect(
            runs == [
                StubRun(sectors: 4..<6, isErased: true, isWritten: true),
                StubRun(sectors: 6..<7, isErased: false, isWritten: true),
                StubRun(sectors: 7..<8, isErased: true, isWritten: false),
            ])
    }

    private func answer(_ words: UInt32..., digest: [UInt32] = [0, 0]) -> [UInt8] {
        let body = (words + digest).flatMap { word -> [UInt8] in Array(littleEndian: word) } + [0, 0]
        var response = LoaderResponse(opcode: 0x44, body: body)
        response.value = CRC32.of(response.content.prefix(4) + body)
        return SLIP.encode(response.content)
    }

    private func packet(_ number: UInt16, _ stream: [UInt8]) -> [UInt8] {
        let start = Int(number) * StubProgram.slotBytes
        let data = Array(stream[start..<min(stream.count, start + StubProgram.slotBytes)])
        return SLIP.encode(LoaderCommand.stubPacket(job: 7, number: number, data: data).request.content)
    }

    private func sequence(_ stream: [UInt8]) -> StubWriteSequence {
        StubWriteSequence(
            job: 7, runs: [StubRun(sectors: 1..<2, isErased: true, isWritten: true)], stream: stream, window: 3,
            baud: 1_000_000)
    }

    private func sent(_ actions: [LoaderAction<StubWriteSequence.Outcome>]) -> [[UInt8]] {
        actions.compactMap { action in
            if case .send(let bytes) = action { return bytes }
            return nil
        }
    }

    @Test("SB-008, SB-009: a window of packets is under way, and of those only the lost one is sent again")
    func selective() {
        let stream = noise + noise
        var sequence = sequence(stream)
        _ = sequence.start(at: .zero)
        let first = sequence.receive(answer(7 << 16, 0, 0, 0, 1), at: .zero)
        #expect(sent(first) == [packet(0, stream) + packet(1, stream) + packet(2, stream)])
        // 0 is used up, 1 is missing, 2 is there.
        let second = sequence.receive(answer(7 << 16 | 1, 0b10, 512, 0, 1), at: .zero)
        #expect(sent(second) == [packet(1, stream) + packet(3, stream)])
        #expect(sequence.repeats == 1)
        let last = sequence.receive(answer(7 << 16 | 4, 0, 4096, 0, 2, digest: [3, 4]), at: .zero)
        #expect(last == [.progress(4096), .finished(.done)])
        #expect(sequence.digest == SectorDigest(crc: 3, hash: 4))
    }

    @Test("an answer that is damaged, or another job's, counts for nothing")
    func foreign() {
        var sequence = sequence(noise)
        _ = sequence.start(at: .zero)
        var damaged = answer(7 << 16, 0, 0, 0, 2)
        damaged[10] ^= 1
        #expect(sequence.receive(damaged + answer(6 << 16, 0, 0, 0, 2), at: .zero) == [])
    }

    @Test("the stub's error ends it, and so does silence after eight tries")
    func ends() {
        var failing = sequence(noise)
        _ = failing.start(at: .zero)
        let end = failing.receive(answer(7 << 16, 0, 256, 0, 0x0803), at: .zero)
        #expect(end == [.progress(256), .finished(.failed(.flashWrite))])
        var silent = sequence(noise)
        _ = silent.start(at: .zero)
        var tries = 0
        var actions: [LoaderAction<StubWriteSequence.Outcome>] = []
        while actions.last?.isEnd != true, tries < 100 {
            tries += 1
            actions = silent.tick(at: .seconds(tries))
        }
        #expect(tries == 9)
        #expect(actions == [.finished(.unanswered)])
    }

    @Test(
        "pieces that are read stand where they belong, whatever order they come in, and a lost one is asked for again")
    func reading() {
        var sequence = StubReadSequence(offset: 0x100, count: 5000, baud: 1_000_000)
        _ = sequence.start(at: .zero)
        func piece(_ place: UInt32, _ data: [UInt8]) -> [UInt8] {
            let body = Array(littleEndian: place) + data + [0, 0]
            var response = LoaderResponse(opcode: 0x45, body: body)
            let size = UInt32(data.count)
            let request = LoaderCommand.stubRead(offset: place, size: size).request
            response.value = CRC32.of(response.content.prefix(4) + body, after: request.checksum)
            return SLIP.encode(response.content)
        }
        let tail = Array(noise.prefix(904))
        #expect(sequence.receive(piece(0x1100, tail), at: .zero).first == .progress(904))
        let again = sequence.tick(at: .seconds(5))
        #expect(again.first == .send(SLIP.encode(LoaderCommand.stubRead(offset: 0x100, size: 4096).request.content)))
        #expect(
            sequence.receive(piece(0x100, noise), at: .seconds(5)) == [.progress(5000), .finished(.read(noise + tail))])
    }
}
