/// A step in Swift, for what a suite's file cannot say.
///
/// To add one: a file in this folder with a type that has this protocol, and its name in ``CustomSteps/all``. A suite then has it
/// as `step: {name: NAME, …}`.
protocol CustomStep: Sendable {
    /// What else stands in the step's map.
    associatedtype Arguments: CustomStepArguments

    static var name: String { get }

    init()

    /// - Parameters:
    ///   - stage: Units, hub, base and cables. The call's task is cancelled when the step's time is over.
    ///   - arguments: What the suite's file has said, of which nothing was wrong when it was read.
    /// - Throws: ``HILError/failed(_:)`` where what is tested does something else; ``HILError/infrastructure(_:)`` where the bench does.
    func perform(on stage: Stage, _ arguments: Arguments) async throws
}

/// Arguments of a step in Swift, each asked for by its key; what is wrong is told before anything runs.
protocol CustomStepArguments {
    init(reading arguments: inout StepArguments)
}

extension CustomStep {
    static func problems(in arguments: [String: String]) -> [CustomStepProblem] {
        var reader = StepArguments(arguments)
        _ = Arguments(reading: &reader)
        return reader.problems
    }

    func perform(on stage: Stage, arguments: [String: String]) async throws {
        var reader = StepArguments(arguments)
        try await perform(on: stage, Arguments(reading: &reader))
    }
}

/// What is wrong with an argument of a step in Swift.
struct CustomStepProblem: Equatable, Sendable {
    var key: String
    /// What would be right, such as `must be a time such as 5s`.
    var message: String
}

/// The steps in Swift that there are.
enum CustomSteps {
    static let all: [any CustomStep.Type] = [ReconnectSpread.self, MeanPause.self]

    static func problems(of name: String, in arguments: [String: String]) -> [CustomStepProblem] {
        all.first { $0.name == name }?.problems(in: arguments) ?? []
    }

    static var byName: [String: any CustomStep] {
        Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.init()) })
    }
}
