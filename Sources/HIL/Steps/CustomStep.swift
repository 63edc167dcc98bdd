/// A step in Swift, for what a suite's file cannot say.
///
/// To add one: a file in this folder with a type that has this protocol, and its name in ``CustomSteps/all``. A suite then has it
/// as `step: {name: NAME, …}`.
protocol CustomStep: Sendable {
    static var name: String { get }

    init()

    /// - Parameters:
    ///   - stage: Units, hub, base and cables. The call's task is cancelled when the step's time is over.
    ///   - arguments: What else stands in the step's map.
    /// - Throws: ``HILError/failed(_:)`` where what is tested does something else; ``HILError/infrastructure(_:)`` where the bench does.
    func perform(on stage: Stage, arguments: [String: String]) async throws
}

/// The steps in Swift that there are.
enum CustomSteps {
    static let all: [any CustomStep.Type] = [ReconnectSpread.self, MeanPause.self]

    static var byName: [String: any CustomStep] {
        Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.init()) })
    }
}
