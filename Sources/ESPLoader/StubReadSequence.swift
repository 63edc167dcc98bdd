/// Reads a range of the flash from our stub, a sector's length a piece, several asked for at once.
public struct StubReadSequence: LoaderSequence {
    public enum Outcome: Sendable, Equatable {
        case read([UInt8])
        case unanswered
    }

    public typealias Action = LoaderAction<Outcome>

    static let underWay = 4
    static let mostSilences = 8
    static let pieceBytes = 4096

    private let offset: Int
    private let count: Int
    private let patience: Duration
    private var decoder = SLIPDecoder()
    private var pieces: [[UInt8]?]
    private var asked: [Int] = []
    private var done = 0
    private var silences = 0
    private var deadline = Duration.zero
    private var isFinished = false

    /// - Parameter baud: Of the line (bits a second).
    public init(offset: Int, count: Int, baud: Int) {
        self.offset = offset
        self.count = count
        patience = .milliseconds(400) + .microseconds(2 * Self.pieceBytes * 10 * 1_000_000 / max(1, baud))
        pieces = Array(repeating: nil, count: (count + Self.pieceBytes - 1) / Self.pieceBytes)
    }

    public mutating func start(at now: Duration) -> [Action] { askMore(at: now) }

    public mutating func receive(_ bytes: [UInt8], at now: Duration) -> [Action] {
        var actions: [Action] = []
        for event in decoder.decode(bytes) where !isFinished {
            switch event {
            case .frame(let content): actions += take(content, at: now)
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
        guard silences <= Self.mostSilences else { return finish(.unanswered) }
        asked = []
        return askMore(at: now)
    }

    private mutating func take(_ content: [UInt8], at now: Duration) -> [Action] {
        guard let response = try? LoaderResponse(content: content), response.refusal == nil,
            response.opcode == Opcode.stubRead.rawValue, let place = response.data.word(at: 0)
        else { return [] }
        let index = (Int(place) - offset) / Self.pieceBytes
        guard pieces.indices.contains(index), response.data.count - 4 == length(of: index),
            response.isIntact(after: request(of: index).checksum)
        else { return [] }
        asked.removeAll { $0 == index }
        guard pieces[index] == nil else { return [] }
        silences = 0
        pieces[index] = Array(response.data.dropFirst(4))
        done += length(of: index)
        guard done < count else { return [.progress(done)] + finish(.read(pieces.flatMap { $0 ?? [] })) }
        return [.progress(done)] + askMore(at: now)
    }

    private func request(of index: Int) -> LoaderRequest {
        LoaderCommand.stubRead(offset: UInt32(offset + index * Self.pieceBytes), size: UInt32(length(of: index)))
            .request
    }

    private func length(of index: Int) -> Int { min(Self.pieceBytes, count - index * Self.pieceBytes) }

    private mutating func askMore(at now: Duration) -> [Action] {
        var bytes: [UInt8] = []
        for index in pieces.indices where pieces[index] == nil && !asked.contains(index) {
            guard asked.count < Self.underWay else { break }
            asked.append(index)
            bytes += SLIP.encode(request(of: index).content)
        }
        deadline = now + patience
        return (bytes.isEmpty ? [] : [.send(bytes)]) + [.wake(at: deadline)]
    }

    private mutating func finish(_ outcome: Outcome) -> [Action] {
        isFinished = true
        return [.finished(outcome)]
    }
}
