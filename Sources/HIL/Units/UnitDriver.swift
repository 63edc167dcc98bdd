import UnitProtocol

/// A board that plays a unit of a suite, on any rig.
///
/// What a driver cannot do, its board does not promise: the suite is skipped before such a call.
protocol UnitDriver: Sendable {
    /// In the suite.
    var name: String { get }
    /// What it has printed on its console, line by line.
    var console: Heard<String> { get }
    /// What its lamp has shown, each time that it was set; nil where it is not known any more.
    var colors: Heard<Color?> { get }
    /// Where it listens; nil where it has no network.
    var place: (address: IPv4Address, port: Int)? { get }
    /// Whether a step has ended it, or left it without power.
    var isOff: Bool { get async }

    /// Sees that the board is there and runs.
    ///
    /// - Throws: ``HILError/infrastructure(_:)`` where it is not.
    func begin() async throws
    func start() async throws
    func stop() async throws
    func kill() async throws
    func power(_ power: Step.Power, cable: Cable?) async throws
    func reset(cable: Cable?) async throws
    func type(_ text: String) async throws
    func set(baud: Int) async throws
    func flash(_ order: FlashOrder) async throws
    /// That it has ended, or is not to be reached any more, though no step has asked for it.
    func trouble() async -> HILError?
    /// That it is gone, of a board that is looked for only when a step has failed.
    func absence() async -> HILError?
    /// Leaves the board, within some seconds, with its power on.
    ///
    /// - Returns: What has not ended as it should, or was gone before.
    func end() async -> [HILError]
}

extension UnitDriver {
    /// What its lamp shows; nil where nothing is known of it.
    var shown: Color? { colors.last?.element ?? nil }

    func lacks(_ what: String) -> HILError { .failed("\(name) cannot be \(what): its driver has nothing for it") }

    func absence() async -> HILError? { nil }
    func type(_ text: String) async throws { throw lacks("typed to") }
    func set(baud: Int) async throws { throw lacks("set to another speed") }
    func flash(_ order: FlashOrder) async throws { throw lacks("flashed") }
}
