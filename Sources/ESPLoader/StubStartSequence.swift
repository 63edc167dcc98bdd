/// Ends a load into memory so that our stub runs, and waits for what it says first.
public struct StubStartSequence: LoaderSequence {
    public enum Outcome: Sendable, Equatable {
        case greeted
        case refused(LoaderRefusal)
        case silent
    }

    public typealias Action = LoaderAction<Outcome>

    static let limit = Duration.seconds(1)

    private let entry: UInt32
    private var decoder = SLIPDecoder()
    private var deadline = Duration.zero
    private var isFinished = false

    public init(entry: UInt32) {
        self.entry = entry
    }

    public mutating func start(at now: Duration) -> [Action] {
        deadline = now + Self.limit
        return [.send(SLIP.encode(LoaderCommand.memoryEnd(entry: entry).request.content)), .wake(at: deadline)]
    }

    public mutating func receive(_ bytes: [UInt8], at now: Duration) -> [Action] {
        for event in decoder.decode(bytes) where !isFinished {
            guard case .frame(let content) = event else { continue }
            if content == StubProgram.greeting { return finish(.greeted) }
            if let answer = try? LoaderResponse(content: content), answer.opcode == Opcode.memoryEnd.rawValue,
                let refusal = answer.refusal
            {
                return finish(.refused(refusal))
            }
        }
        return []
    }

    public mutating func tick(at now: Duration) -> [Action] {
        guard !isFinished else { return [] }
        return now < deadline ? [.wake(at: deadline)] : finish(.silent)
    }

    private mutating func finish(_ outcome: Outcome) -> [Action] {
        isFinished = true
        return [.finished(outcome)]
    }
}
