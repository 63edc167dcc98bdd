/// One command and its answer.
///
/// A command that may be given twice is given again when it is not answered, or refused, which a disturbed line can cause. Its
/// late answer must not be taken for that of the next command of its kind, so after such a try the sequence ends only when
/// the line has been silent for a while, or has had ``longestSettling``.
public struct ExchangeSequence: LoaderSequence {
    public enum Outcome: Sendable, Equatable {
        case answered(LoaderResponse)
        case refused(LoaderRefusal)
        case unanswered(tries: Int)
    }

    public typealias Action = LoaderAction<Outcome>

    /// How long the line is silent when nothing more is under way.
    static let silence = Duration.milliseconds(50)
    /// Some lines never fall silent.
    static let longestSettling = Duration.seconds(1)

    private enum State: Equatable {
        case idle
        case waiting(tries: Int)
        case settling(Outcome, until: Duration, latest: Duration)
        case finished
    }

    private let command: LoaderCommand
    private let limit: Duration
    private let tries: Int
    private var conversation = LoaderConversation()
    private var state = State.idle

    /// - Parameters:
    ///   - limit: For the answer to each try.
    ///   - tries: How often the command may be given, at least once.
    public init(_ command: LoaderCommand, within limit: Duration, tries: Int = 1) {
        self.command = command
        self.limit = limit
        self.tries = max(1, tries)
    }

    public mutating func start(at now: Duration) -> [Action] {
        ask(tries: 1, at: now)
    }

    public mutating func receive(_ bytes: [UInt8], at now: Duration) -> [Action] {
        if case .settling(let outcome, _, let latest) = state {
            guard now < latest else { return finish(outcome) }
            state = .settling(outcome, until: now + Self.silence, latest: latest)
            return [.wake(at: now + Self.silence)]
        }
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
        switch state {
        case .idle, .finished:
            return []
        case .settling(let outcome, let until, _):
            guard now >= until else { return [.wake(at: until)] }
            return finish(outcome)
        case .waiting(let count):
            guard conversation.expires(at: now) else { return conversation.deadline.map { [.wake(at: $0)] } ?? [] }
            guard count < tries else { return finish(.unanswered(tries: count)) }
            return [.discardInput] + ask(tries: count + 1, at: now)
        }
    }

    private mutating func ask(tries: Int, at now: Duration) -> [Action] {
        state = .waiting(tries: tries)
        return [.send(conversation.ask(command, within: limit, at: now)), .wake(at: now + limit)]
    }

    private mutating func take(_ response: LoaderResponse, at now: Duration) -> [Action] {
        guard case .waiting(let count) = state else { return [] }
        if response.refusal != nil, count < tries { return ask(tries: count + 1, at: now) }
        let outcome = response.refusal.map(Outcome.refused) ?? .answered(response)
        guard count > 1 else { return finish(outcome) }
        state = .settling(outcome, until: now + Self.silence, latest: now + Self.longestSettling)
        return [.wake(at: now + Self.silence)]
    }

    private mutating func finish(_ outcome: Outcome) -> [Action] {
        state = .finished
        return [.finished(outcome)]
    }
}
