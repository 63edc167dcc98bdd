import Foundation
import Settings

/// How the base, or the hub, of a rig runs.
struct RigPart: Equatable, Sendable {
    /// The program that takes the place of `iot`, and its first arguments; empty: this very command. It is given what `iot` would
    /// be: `base run --config FILE …`.
    var start: [String] = []
    /// Of the base: more of its configuration, over what the runner writes.
    var settings: SettingsNode?

    init() {}

    init(reading reader: SettingsReader?, hasSettings: Bool) {
        guard let reader else { return }
        start = reader.program("start") ?? []
        if hasSettings {
            settings = reader.node("settings")
            _ = reader.map("settings")
        }
        reader.finish()
    }

    /// What is started, and its arguments.
    func call(_ arguments: [String], iot: URL) throws -> (executable: URL, arguments: [String]) {
        guard let first = start.first else { return (iot, arguments) }
        let words = start.dropFirst().map { $0.replacing("{iot}", with: iot.path) }
        return (first == "{iot}" ? iot : try Program.executable(first), words + arguments)
    }
}
