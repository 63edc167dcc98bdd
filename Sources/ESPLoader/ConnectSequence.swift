/// Brings a chip into its loader: restarts it, calls SYNC until it answers, and takes the answers that are left over.
///
/// Source of the times: Espressif's serial protocol and esptool's observed behaviour: 5 calls of 100 ms each after each
/// restart, 7 restarts.
public struct ConnectSequence: LoaderSequence {
    public typealias Action = LoaderAction<Outcome>

    public enum Outcome: Sendable, Equatable {
        /// A loader answers; a stub is one that a host has loaded before.
        case connected(isStub: Bool)
        case noAnswer(attempts: Int, heard: Heard)
    }

    /// What came instead of an answer; tells which advice helps.
    public enum Heard: Sendable, Equatable {
        case nothing
        /// Bytes that are no frames.
        case noise(bytes: Int)
    }

    static let callsPerAttempt = 5
    static let callLimit = Duration.milliseconds(100)
    /// ROM and stub answer each SYNC eight times.
    static let answersPerCall = 8

    private let resets: [ResetSequence]
    private let attempts: Int
    private var conversation = LoaderConversation()
    private var attempt = 0
    private var call = 0
    private var noise = 0
    private var state = State.idle

    private enum State: Equatable {
        case idle
        /// Playing the reset of this attempt from this step on, not before this time.
        case resetting(step: Int, until: Duration)
        case calling
        case draining(left: Int, until: Duration, isStub: Bool)
        case finished
    }

    /// - Parameters:
    ///   - resets: Played one after the other, again and again; empty where the board is reset by hand.
    ///   - attempts: How many resets, at least 1.
    public init(resets: [ResetSequence] = ResetSequence.intoLoader, attempts: Int = 7) {
        self.resets = resets
        self.attempts = max(1, attempts)
    }

    public mutating func start(at now: Duration) -> [Action] {
        state = .resetting(step: 0, until: now)
        return advance(at: now)
    }

    public mutating func receive(_ bytes: [UInt8], at now: Duration) -> [Action] {
        var actions: [Action] = []
        for event in conversation.receive(bytes) {
            switch event {
            case .answer(let response) where state == .calling && response.refusal == nil:
                state = .draining(
                    left: Self.answersPerCall - 1, until: now + Self.callLimit, isStub: response.value == 0)
            case .answer:
                // Refused, by a disturbed line perhaps: the next call is due now.
                noise += 1
                if state == .calling { return actions + callAgain(at: now) }
            case .frame(let content):
                noise += 1
                takeLeftOver(content)
            case .text(let bytes):
                noise += bytes.count
                actions.append(.text(bytes))
            case .malformed:
                noise += 1
            }
        }
        return actions + advance(at: now)
    }

    public mutating func tick(at now: Duration) -> [Action] {
        advance(at: now)
    }

    private mutating func takeLeftOver(_ content: [UInt8]) {
        guard case .draining(let left, let until, let isStub) = state,
            let response = try? LoaderResponse(content: content), response.opcode == Opcode.sync.rawValue
        else { return }
        state = .draining(left: left - 1, until: until, isStub: isStub && response.value == 0)
    }

    /// Goes on as far as time and input allow.
    private mutating func advance(at now: Duration) -> [Action] {
        switch state {
        case .idle, .finished:
            return []
        case .resetting(let step, let until):
            return now < until ? [.wake(at: until)] : play(from: step, at: now)
        case .calling:
            guard conversation.expires(at: now) else {
                return conversation.deadline.map { [.wake(at: $0)] } ?? []
            }
            return callAgain(at: now)
        case .draining(let left, let until, let isStub):
            guard left <= 0 || now >= until else { return [.wake(at: until)] }
            state = .finished
            return [.finished(.connected(isStub: isStub))]
        }
    }

    private mutating func play(from first: Int, at now: Duration) -> [Action] {
        let steps = resets.isEmpty ? [] : resets[attempt % resets.count].steps
        var actions: [Action] = []
        for index in first..<max(first, steps.count) {
            if case .pause(let length) = steps[index] {
                // A pause begins when the lines have changed, which takes a network port its time.
                guard actions.isEmpty else {
                    state = .resetting(step: index, until: now)
                    return actions + [.wake(at: now)]
                }
                state = .resetting(step: index + 1, until: now + length)
                return [.wake(at: now + length)]
            }
            actions.append(.lines(steps[index]))
        }
        call = 0
        return actions + callOnce(at: now)
    }

    private mutating func callOnce(at now: Duration) -> [Action] {
        call += 1
        state = .calling
        conversation.abandon()
        let bytes = conversation.ask(.sync, within: Self.callLimit, at: now)
        return [.discardInput, .send(bytes), .wake(at: now + Self.callLimit)]
    }

    private mutating func callAgain(at now: Duration) -> [Action] {
        if call < Self.callsPerAttempt { return callOnce(at: now) }
        attempt += 1
        guard attempt < attempts else {
            state = .finished
            return [.finished(.noAnswer(attempts: attempts, heard: noise == 0 ? .nothing : .noise(bytes: noise)))]
        }
        state = .resetting(step: 0, until: now)
        return play(from: 0, at: now)
    }
}
