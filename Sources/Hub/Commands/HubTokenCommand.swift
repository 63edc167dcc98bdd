import ArgumentParser
import Daemon
import Foundation

/// `iot hub token`: API tokens, made and revoked on the hub's own machine, also while it runs.
struct HubTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and revoke API tokens.",
        discussion: """
            Make a token for the base, whose text goes into its config.json:
              iot hub token create --state ./hub-state --name base --ability base
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token and print it, this once, as {\"token\": \"...\"}.",
            discussion: """
                Example:
                  iot hub token create --state ./hub-state --name base --ability base
                """)

        @OptionGroup var state: StateOption

        @Option(help: "What the token is for, in a word.")
        var name: String

        @Option(
            help:
                "What it may do: admin (everything), read (the JSON API), base (webhooks and requests), device (streaming as a device)."
        )
        var ability: Ability

        func run() async throws {
            let store = try Store(in: StateDirectory.existing(at: state.path))
            let secret = try await store.addToken(name: name, ability: ability, at: .now())
            try Daemon.printLine(["token": secret.text])
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tokens, one line of JSON each.",
            discussion: """
                Example:
                  iot hub token list --state ./hub-state
                """)

        @OptionGroup var state: StateOption

        func run() async throws {
            let store = try Store(in: StateDirectory.existing(at: state.path))
            for token in try await store.tokens() {
                try Daemon.printLine(token)
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a token; a running hub refuses it within a second.",
            discussion: """
                Example:
                  iot hub token revoke --state ./hub-state 3
                """)

        @OptionGroup var state: StateOption

        @Argument(help: "The token's id, as iot hub token list shows it.")
        var id: Int64

        func run() async throws {
            let store = try Store(in: StateDirectory.existing(at: state.path))
            guard try await store.deleteToken(id) else { throw HubError.noSuchToken(id: id) }
        }
    }
}

extension Ability: ExpressibleByArgument {}
