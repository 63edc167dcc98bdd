/// Lets our stub erase and write runs of sectors: several packets are under way, and what the stub did not get is sent again.
///
/// The stub answers with the first packet that it still wants, those behind it that it has, and how much is in the flash. A
/// packet is lost when one that was sent after it is there.
public struct StubWriteSequence: LoaderSequence {
    public enum Outcome: Sendable, Equatable {
        case done
        /// The stub has given up.
        case failed(LoaderRefusal)
        case unanswered
        /// So much is lost on the line that a lower speed is worth a try; the stub is still at work.
        case lossy
    }

    public typealias Action = LoaderAction<Outcome>

    static let mostSilences = 8
    /// How long nothing may be heard beside the way over the wire.
    static let shortestPatience = Duration.milliseconds(400)
    /// The flash takes no longer for anything that a job asks of it.
    static let longestStandstill = Duration.seconds(30)

    private struct Packet {
        var wire: [UInt8]
        /// When it was sent last, counted in packets; nil before.
        var order: Int?
        var isThere = false
    }

    private let job: UInt16
    private let begin: [UInt8]
    private let beginChecksum: UInt32
    private let question: [UInt8]
    private let isErasing: Bool
    private let window: Int
    private let mostRepeats: Int?
    private let byteTime: Duration
    private var decoder = SLIPDecoder()
    private var packets: [Packet]
    private var next = 0
    private var sent = 0
    private var orders = 0
    /// The last sent of those that are there.
    private var newest = -1
    /// Whether the stub was asked for what it has, after a silence, and has told nothing new since.
    private var isAsked = false
    private var hasBegun = false
    private var isFinished = false
    private var silences = 0
    private var deadline = Duration.zero
    private var standstill = Duration.zero
    private var last: [UInt32] = []
    /// Bytes of the stream's contents that are in the flash.
    public private(set) var programmed = 0
    /// Of all that was unpacked, page by page as the flash was found to hold it; what it is once the job is done counts.
    public private(set) var digest = SectorDigest(crc: 0, hash: 0)
    /// Packets that were sent once more because later ones had come and they had not.
    public private(set) var repeats = 0

    /// - Parameters:
    ///   - job: Another one than the last job's.
    ///   - stream: The contents of the runs that are written, as raw deflate.
    ///   - window: Packets under way at most.
    ///   - mostRepeats: How many packets may be sent again before the line is given up as too lossy; nil for any number.
    ///   - baud: Of the line (bits a second).
    public init(job: UInt16, runs: [StubRun], stream: [UInt8], window: Int, mostRepeats: Int? = nil, baud: Int) {
        self.job = job
        self.mostRepeats = mostRepeats
        isErasing = stream.isEmpty
        let request = LoaderCommand.stubWrite(job: job, runs: runs).request
        begin = SLIP.encode(request.content)
        beginChecksum = request.checksum
        question = SLIP.encode(LoaderCommand.stubPacket(job: job, number: 0, data: []).request.content)
        self.window = max(1, min(window, StubProgram.slots))
        byteTime = .nanoseconds(10_000_000_000 / max(1, baud))
        packets = stride(from: 0, to: stream.count, by: StubProgram.slotBytes).enumerated().map { number, start in
            let data = Array(stream[start..<min(stream.count, start + StubProgram.slotBytes)])
            let command = LoaderCommand.stubPacket(job: job, number: UInt16(truncatingIfNeeded: number), data: data)
            return Packet(wire: SLIP.encode(command.request.content))
        }
    }

    public mutating func start(at now: Duration) -> [Action] {
        standstill = now + Self.longestStandstill
        return [.send(begin)] + wait(at: now, for: begin.count)
    }

    public mutating func receive(_ bytes: [UInt8], at now: Duration) -> [Action] {
        var actions: [Action] = []
        for event in decoder.decode(bytes) where !isFinished {
            switch event {
            case .frame(let content):
                guard let response = try? LoaderResponse(content: content),
                    response.isIntact() || response.isIntact(after: beginChecksum)
                else { continue }
                actions += take(response, at: now)
            case .text(let bytes): actions.append(.text(bytes))
            case .malformed: break
            }
        }
        return actions
    }

    public mutating func tick(at now: Duration) -> [Action] {
        guard !isFinished else { return [] }
        guard now >= deadline else { return [.wake(at: deadline)] }
        silences += 1
        guard silences <= Self.mostSilences, now < standstill else { return finish(.unanswered) }
        guard !isLossy else { return finish(.lossy) }
        guard hasBegun else { return [.send(begin)] + wait(at: now, for: begin.count) }
        isAsked = true
        return [.send(question)] + wait(at: now, for: question.count)
    }

    private mutating func take(_ response: LoaderResponse, at now: Duration) -> [Action] {
        if response.opcode == Opcode.stubWrite.rawValue, let refusal = response.refusal {
            return refusal.code == 0xC1 ? [] : finish(.failed(refusal))
        }
        let words = stride(from: 0, to: response.data.count / 4 * 4, by: 4).compactMap { response.data.word(at: $0) }
        guard response.opcode == Opcode.stubPacket.rawValue, words.count == 7, words[0] >> 16 == UInt32(job) else {
            return []
        }
        hasBegun = true
        silences = 0
        if words != last { standstill = now + Self.longestStandstill }
        last = words
        note(first: words[0], others: words[1])
        programmed = max(programmed, Int(words[2]))
        digest = SectorDigest(crc: words[5], hash: words[6])
        let progress = Action.progress(isErasing ? Int(words[3]) * FlashGeometry.sectorBytes : programmed)
        switch words[4] & 0xFF {
        case 2: return [progress] + finish(.done)
        case 3: return [progress] + finish(.failed(LoaderRefusal(code: UInt8(truncatingIfNeeded: words[4] >> 8))))
        case _ where isLossy: return [progress] + finish(.lossy)
        case _ where now >= standstill: return [progress] + finish(.unanswered)
        default: return [progress] + goOn(at: now)
        }
    }

    /// What is there: all packets before `first`, and of it and those behind it the ones whose bits are set.
    private mutating func note(first: UInt32, others: UInt32) {
        let ahead = Int((first &- UInt32(truncatingIfNeeded: next)) & 0xFFFF)
        guard ahead < 0x8000 else { return }
        let before = next
        next = min(sent, next + ahead)
        let there = Array(before..<next) + (next..<min(sent, next + 32)).filter { others >> UInt32($0 - next) & 1 != 0 }
        for index in there where !packets[index].isThere {
            packets[index].isThere = true
            newest = max(newest, packets[index].order ?? newest)
            isAsked = false
        }
    }

    private var isLossy: Bool { mostRepeats.map { repeats > $0 } ?? false }

    /// Sends what is lost, and what the window has room for.
    private mutating func goOn(at now: Duration) -> [Action] {
        let missing = (next..<max(next, sent)).filter { !packets[$0].isThere }
        // The question came behind all of them; that the line is slow is no loss, so it counts for one.
        var due = isAsked ? missing : missing.filter { (packets[$0].order ?? newest) < newest }
        repeats += isAsked ? min(1, due.count) : due.count
        isAsked = false
        let end = min(packets.count, next + window)
        if sent < end { due += sent..<end }
        sent = max(sent, end)
        let actions = send(due)
        let outstanding = packets[next..<max(next, sent)].filter { !$0.isThere }.reduce(0) { $0 + $1.wire.count }
        return actions + wait(at: now, for: outstanding)
    }

    private mutating func send(_ numbers: [Int]) -> [Action] {
        var bytes: [UInt8] = []
        for number in numbers {
            packets[number].order = orders
            orders += 1
            bytes += packets[number].wire
        }
        return bytes.isEmpty ? [] : [.send(bytes)]
    }

    private mutating func wait(at now: Duration, for bytes: Int) -> [Action] {
        deadline = now + Self.shortestPatience + byteTime * (bytes + bytes / 2)
        return [.wake(at: deadline)]
    }

    private mutating func finish(_ outcome: Outcome) -> [Action] {
        isFinished = true
        return [.finished(outcome)]
    }
}
