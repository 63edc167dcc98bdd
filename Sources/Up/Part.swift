import Foundation

/// One of the programs that make up the system, and how it is called.
struct Part: Equatable, Sendable {
    /// What messages call it: `hub`, `base`, `fleet`.
    var name: String
    var arguments: [String]

    static func hub(_ state: StateDirectory, port: Int) -> Part {
        Part(
            name: "hub",
            arguments: ["hub", "run", "--port", "\(port)", "--state", state.hub.path, "--json", "--stop-with-parent"])
    }

    static func fleet(_ state: StateDirectory) -> Part {
        Part(
            name: "fleet",
            arguments: [
                "sim", "fleet", state.fleetFile.path, "--json", "--console-dir", state.console.path,
                "--stop-with-parent",
            ])
    }

    static func base(_ state: StateDirectory) -> Part {
        Part(
            name: "base",
            arguments: ["base", "run", "--config", state.baseConfiguration.path, "--json", "--stop-with-parent"])
    }

    /// Makes a token in the hub's store, which the running hub then knows.
    static func token(_ state: StateDirectory, ability: String) -> Part {
        Part(
            name: "hub's token command",
            arguments: [
                "hub", "token", "create", "--state", state.hub.path, "--name", "iot up (\(ability))", "--ability",
                ability,
            ])
    }
}
