import Foundation
import Testing
import UnitProtocol

@testable import HIL

extension AddressPool {
    /// One for all tests of a process: two would give the same addresses.
    static let ofTests = AddressPool()
}

extension Bench {
    /// A bench that keeps nothing and starts nothing, for parts of which a test calls one alone.
    static func alone(prompt: any Prompt = Nobody(), addresses: AddressPool = .ofTests) -> Bench {
        let origin = ContinuousClock.now
        return Bench(
            journal: Journal(origin: origin, folder: nil) { _ in }, origin: origin, iot: URL(filePath: "/nowhere/iot"),
            state: URL(filePath: "/nowhere"), addresses: addresses, prompt: prompt)
    }

    struct Nobody: Prompt {
        func ask(_ what: String) async throws { throw HILError.infrastructure("nobody can \(what)") }
    }
}

extension Stage {
    /// A stage with units whose programs were not started, given to `body` and ended after it.
    static func alone(
        _ units: [String: UnitKind], _ body: (Stage) async throws -> Void
    ) async throws {
        let rig = try RigFile(yaml: "name: r\nboards: {b: {kind: read, driver: simulated}}\n", path: "r")
        let stage = try await Stage(
            units.map { GivenUnit(name: $0.key, kind: $0.value, abilities: []) },
            boards: Dictionary(
                uniqueKeysWithValues: units.map { ($0.key, RigBoard(name: $0.key, kind: $0.value, driver: .simulated)) }
            ), rig: rig, bench: .alone())
        do {
            try await body(stage)
        } catch {
            _ = await stage.end()
            throw error
        }
        #expect(await stage.end() == [])
    }

    func perform(_ action: Step.Action) async throws {
        try await StepPerformer(stage: self, customSteps: [:]).perform(action)
    }
}
