/// Writes one piece of data into the flash, block by block, each acknowledged before the next.
///
/// No block is sent twice: whether a loader that did not answer has written it, and where it would write it again, is not
/// known. When one fails, a new sequence goes on from ``resumeOffset``.
public struct WriteSequence: LoaderSequence {
    public enum Outcome: Sendable, Equatable {
        case written
        case failed(Failure)
    }

    public enum Failure: Error, Sendable, Equatable {
        /// The erase at the start was refused.
        case eraseRefused(LoaderRefusal)
        case eraseNotAnswered(limit: Duration)
        case blockRefused(offset: Int, LoaderRefusal)
        case blockNotAnswered(offset: Int, limit: Duration)
    }

    public typealias Action = LoaderAction<Outcome>

    /// How the loader takes data.
    public struct Dialect: Sendable, Equatable {
        public var blockBytes: Int
        public var isStub: Bool

        public static let rom = Dialect(blockBytes: 0x400, isStub: false)
        public static let stub = Dialect(blockBytes: 0x4000, isStub: true)
    }

    /// The flash erases no slower than this (a 64 KiB block may take 2 s).
    static let eraseLimitPerSector = Duration.milliseconds(150)
    static let shortestEraseLimit = Duration.seconds(10)
    static let padding: UInt8 = 0xFF

    private let offset: FlashOffset
    private let data: [UInt8]
    private let dialect: Dialect
    private let eraseSize: Int
    private let blockLimit: Duration
    private var conversation = LoaderConversation()
    private var state = State.idle

    private enum State: Equatable {
        case idle
        case erasing(limit: Duration)
        case writing(block: Int)
        /// So many blocks are acknowledged.
        case finished(blocks: Int)
    }

    /// - Parameters:
    ///   - offset: Where the data goes; at the start of a sector.
    ///   - data: At least one byte.
    ///   - eraseSize: What the loader is told to erase at the start (bytes); the ROM erases more than that, see
    ///     ``FlashGeometry``.
    ///   - blockLimit: For the answer to each block, its way over the wire included.
    public init(
        offset: FlashOffset, data: [UInt8], eraseSize: Int, dialect: Dialect = .rom,
        blockLimit: Duration = .seconds(3)
    ) {
        precondition(offset.isAtSector, "a write starts at a sector")
        precondition(!data.isEmpty, "a write has data")
        self.offset = offset
        self.data = data
        self.dialect = dialect
        self.eraseSize = eraseSize
        self.blockLimit = blockLimit
    }

    /// The first place that must be written again after an interruption: the start of the sector that is not whole.
    public var resumeOffset: FlashOffset {
        let done: Int
        switch state {
        case .idle, .erasing: done = 0
        case .writing(let blocks), .finished(let blocks): done = min(data.count, blocks * dialect.blockBytes)
        }
        let isWhole = done == data.count
        let whole = isWhole ? done : done / FlashGeometry.sectorBytes * FlashGeometry.sectorBytes
        return offset.advanced(by: whole) ?? offset
    }

    private func place(of block: Int) -> Int { offset.bytes + block * dialect.blockBytes }

    private var blocks: Int { (data.count + dialect.blockBytes - 1) / dialect.blockBytes }

    public mutating func start(at now: Duration) -> [Action] {
        let sectors = (data.count + FlashGeometry.sectorBytes - 1) / FlashGeometry.sectorBytes
        let limit = max(Self.shortestEraseLimit, Self.eraseLimitPerSector * sectors)
        state = .erasing(limit: limit)
        return ask(
            .flashBegin(
                eraseSize: UInt32(eraseSize), blocks: UInt32(blocks), blockSize: UInt32(dialect.blockBytes),
                offset: UInt32(offset.bytes), isStub: dialect.isStub),
            within: limit, at: now)
    }

    public mutating func receive(_ bytes: [UInt8], at now: Duration) -> [Action] {
        var actions: [Action] = []
        for event in conversation.receive(bytes) {
            switch event {
            case .answer(let response): actions += take(response, at: now)
            case .text(let bytes): actions.append(.text(bytes))
            case .frame, .malformed: break
            }
        }
        return actions
    }

    public mutating func tick(at now: Duration) -> [Action] {
        guard conversation.expires(at: now) else {
            return conversation.deadline.map { [.wake(at: $0)] } ?? []
        }
        switch state {
        case .idle, .finished: return []
        case .erasing(let limit): return fail(.eraseNotAnswered(limit: limit), after: 0)
        case .writing(let block):
            return fail(.blockNotAnswered(offset: place(of: block), limit: blockLimit), after: block)
        }
    }

    private mutating func take(_ response: LoaderResponse, at now: Duration) -> [Action] {
        switch state {
        case .idle, .finished:
            return []
        case .erasing:
            if let refusal = response.refusal { return fail(.eraseRefused(refusal), after: 0) }
            return write(0, at: now)
        case .writing(let block):
            if let refusal = response.refusal {
                return fail(.blockRefused(offset: place(of: block), refusal), after: block)
            }
            let progress = Action.progress(min(data.count, (block + 1) * dialect.blockBytes))
            guard block + 1 < blocks else {
                state = .finished(blocks: blocks)
                return [progress, .finished(.written)]
            }
            return [progress] + write(block + 1, at: now)
        }
    }

    private mutating func write(_ block: Int, at now: Duration) -> [Action] {
        state = .writing(block: block)
        let start = block * dialect.blockBytes
        var piece = Array(data[start..<min(data.count, start + dialect.blockBytes)])
        piece += [UInt8](repeating: Self.padding, count: dialect.blockBytes - piece.count)
        return ask(.flashData(sequence: UInt32(block), data: piece), within: blockLimit, at: now)
    }

    private mutating func ask(_ command: LoaderCommand, within limit: Duration, at now: Duration) -> [Action] {
        [.send(conversation.ask(command, within: limit, at: now)), .wake(at: now + limit)]
    }

    private mutating func fail(_ failure: Failure, after blocks: Int) -> [Action] {
        state = .finished(blocks: blocks)
        return [.finished(.failed(failure))]
    }
}
