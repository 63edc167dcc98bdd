import UnitProtocol

/// One thing that a suite does or expects.
struct Step: Equatable, Sendable {
    /// Where it stands in the file, from 1.
    let line: Int
    /// As it was written, on one line.
    let text: String
    /// The longest that it may take.
    let limit: Duration
    let action: Action

    static let usualLimit = Duration.seconds(10)
    static let limits = Duration.milliseconds(10)...Duration.seconds(86_400)

    /// What can be started and stopped.
    enum Part: Equatable, Sendable {
        case hub
        case base
        case unit(String)
    }

    /// What the network lies between: the base and a unit, or the base and a half of the hub.
    enum Link: Hashable, Sendable {
        case unit(String)
        case dashboard
        case broker
    }

    enum Power: String, Sendable, CaseIterable {
        case on, off, cycle
    }

    /// How a client of the runner ends its connection.
    enum Closing: String, Sendable, CaseIterable {
        case end, reset
    }

    /// What a line is looked for in.
    enum Speaker: Equatable, Sendable {
        case hub, base
        case console(String)
    }

    enum Since: String, Sendable, CaseIterable {
        /// What comes after the step has begun.
        case step
        /// What has come since the last such step of the same unit has found its line.
        case last
        /// All since the case began.
        case `case`
    }

    indirect enum Action: Equatable, Sendable {
        case start(Part)
        case stop(Part)
        case kill(Part)
        case power(unit: String, Power)
        case reset(unit: String)
        case flash(FlashOrder)
        case says(Speaker, TextPattern, since: Since)
        case saysNot(Speaker, TextPattern, for: Duration)
        case types(unit: String, String)
        case speed(unit: String, baud: Int)
        case hubExpects(HubExpectation)
        case hubExpectsNothing(unit: String, for: Duration)
        case request(unit: String, payload: String, result: RequestOutcome)
        case shows(unit: String, Color)
        case keepsShowing(unit: String, Color, for: Duration)
        case connect(client: String, unit: String)
        case clientSends(client: String, String)
        case clientExpects(client: String, ClientExpectation)
        case clientCloses(client: String, Closing)
        case network(Link, Cable.Mode)
        case connections(ConnectionExpectation)
        case wait(Duration)
        case run([String], exitCode: Int)
        case custom(name: String, arguments: [String: String])
        case again(RepeatCount, [Step])
    }
}

/// How often a block of steps is done.
enum RepeatCount: Equatable, Sendable {
    case times(Int)
    /// Anew as long as this time has not passed.
    case lasting(Duration)
}

/// What became of a request, as the hub tells it.
enum RequestOutcome: String, Sendable, CaseIterable {
    case acknowledged, expired, superseded, refused, failed
    /// The hub has nobody to send it to.
    case noBase = "no-base"
}

/// What a client of the runner waits for.
enum ClientExpectation: Equatable, Sendable {
    /// So many lines that end with LF; each fits.
    case lines(Int, TextPattern?)
    /// The unit ends the connection.
    case end
    /// Nothing comes for so long.
    case silence(Duration)
}

/// What is to be written into a board's flash.
struct FlashOrder: Equatable, Sendable {
    var unit: String
    var image: String
    /// Where the image goes; nil: its format says it.
    var address: Int?
    /// After about so many bytes on the wire the power goes and comes again.
    var powerFailsAfter: Int?
    var outcome: Outcome

    enum Outcome: String, Sendable, CaseIterable {
        case success, failure, either
    }
}

/// How the base's connections to a unit are to have been.
struct ConnectionExpectation: Equatable, Sendable {
    var unit: String
    var since: Step.Since
    /// How many it has made.
    var count: ClosedRange<Int>?
    /// How many of them it had at the same time.
    var mostAtOnce: Int?
}

/// Measurements of a unit that the hub is to have.
struct HubExpectation: Equatable, Sendable {
    enum Values: String, Sendable, CaseIterable {
        case any
        /// Each is larger than the one before.
        case increasing
        /// Each is 1 larger than the one before.
        case consecutive
        /// They are what the unit has printed on its console meanwhile: none lost, none twice, none in another order.
        case console
    }

    var unit: String
    var count: Int
    var since: Step.Since
    var values: Values
    var between: ClosedRange<Int>?
    /// How far apart any two that follow each other were measured.
    var apart: ClosedRange<Duration>?
    /// The longest that any has taken from its measurement to the hub.
    var lag: Duration?
}
