/// Writes one piece of data into the flash, block by block, each acknowledged before the next.
///
/// A block that is refused for its checksum, or not answered, is sent again. When the line is lost, a new sequence goes
/// on from `resumeOffset`.
public struct WriteSequence: Sendable {
    public enum Action: Sendable, Equatable {
        case send([UInt8])
        /// Call `tick` at this time, if nothing happens before.
        case wake(at: Duration)
        case text([UInt8])
        /// So many bytes of the data are in the flash.
        case progress(Int)
        case finished(Outcome)
    }

    public enum Outcome: Sendable, Equatable {
        case written
        case failed(Failure)
    }

    public enum Failure: Error, Sendable, Equatable {
        /// The erase at the start was refused.
        case eraseRefused(LoaderRefusal)
        case eraseNotAnswered(limit: Duration)
        case blockRefused(offset: Int, LoaderRefusal)
        case blockNotAnswered(offset: Int, tries: Int)
    }

    /// How the loader takes data.
    public struct Dialect: Sendable, Equatable {
        public var blockBytes: Int
        public var isStub: Bool

        public static let rom = Dialect(blockBytes: 0x400, isStub: false)
        public static let stub = Dialect(blockBytes: 0x4000, isStub: true)
    }

    static let triesPerBlock = 3
    static let blockLimit = Duration.seconds(3)
    /// The flash erases no slower than this (a 64 KiB block may take 2 s).
    static let eraseLimitPerSector = Duration.milliseconds(150)
    static let shortestEraseLimit = Duration.seconds(10)
    static let padding: UInt8 = 0xFF

    private let offset: FlashOffset
    private let data: [UInt8]
    private let dialect: Dialect
    private var conversation = LoaderConversation()
    private var state = State.idle

    private enum State: Equatable {
        case idle
        case erasing(limit: Duration)
        case writing(block: Int, tries: Int)
        case finished
    }

    /// - Parameters:
    ///   - offset: Where the data goes; at the start of a sector.
    ///   - data: At least one byte.
    public init(offset: FlashOffset, data: [UInt8], dialect: Dialect = .rom) {
        precondition(offset.isAtSector, "a write starts at a sector")
        precondition(!data.isEmpty, "a write has data")
        self.offset = offset
        self.data = data
        self.dialect = dialect
    }

    /// The first place that must be written again after an interruption: the start of the sector that is not whole.
    public var resumeOffset: FlashOffset {
        let done: Int
        switch state {
        case .idle, .erasing: done = 0
        case .writing(let block, _): done = min(data.count, block * dialect.blockBytes)
        case .finished: done = data.count
        }
        let whole = done / FlashGeometry.sectorBytes * FlashGeometry.sectorBytes
        return offset.advanced(by: whole) ?? offset
    }

    private func place(of block: Int) -> Int { offset.bytes + block * dialect.blockBytes }

    private var blocks: Int { (data.count + dialect.blockBytes - 1) / dialect.blockBytes }

    public mutating func start(at now: Duration) -> [Action] {
        let sectors = (data.count + FlashGeometry.sectorBytes - 1) / FlashGeometry.sectorBytes
        let limit = max(Self.shortestEraseLimit, Self.eraseLimitPerSector * sectors)
        let eraseSize =
            dialect.isStub ? data.count : FlashGeometry.correctedEraseSize(offset: offset.bytes, size: data.count)
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
        case .erasing(let limit): return fail(.eraseNotAnswered(limit: limit))
        case .writing(let block, let tries):
            guard tries < Self.triesPerBlock else {
                return fail(.blockNotAnswered(offset: place(of: block), tries: tries))
            }
            return write(block, tries: tries + 1, at: now)
        }
    }

    private mutating func take(_ response: LoaderResponse, at now: Duration) -> [Action] {
        switch state {
        case .idle, .finished:
            return []
        case .erasing:
            if let refusal = response.refusal { return fail(.eraseRefused(refusal)) }
            return write(0, tries: 1, at: now)
        case .writing(let block, let tries):
            if let refusal = response.refusal {
                guard tries < Self.triesPerBlock, refusal != .flashWrite else {
                    return fail(.blockRefused(offset: place(of: block), refusal))
                }
                return write(block, tries: tries + 1, at: now)
            }
            let progress = Action.progress(min(data.count, (block + 1) * dialect.blockBytes))
            guard block + 1 < blocks else {
                state = .finished
                return [progress, .finished(.written)]
            }
            return [progress] + write(block + 1, tries: 1, at: now)
        }
    }

    private mutating func write(_ block: Int, tries: Int, at now: Duration) -> [Action] {
        state = .writing(block: block, tries: tries)
        let start = block * dialect.blockBytes
        var piece = Array(data[start..<min(data.count, start + dialect.blockBytes)])
        piece += [UInt8](repeating: Self.padding, count: dialect.blockBytes - piece.count)
        return ask(.flashData(sequence: UInt32(block), data: piece), within: Self.blockLimit, at: now)
    }

    private mutating func ask(_ command: LoaderCommand, within limit: Duration, at now: Duration) -> [Action] {
        [.send(conversation.ask(command, within: limit, at: now)), .wake(at: now + limit)]
    }

    private mutating func fail(_ failure: Failure) -> [Action] {
        state = .finished
        return [.finished(.failed(failure))]
    }
}
