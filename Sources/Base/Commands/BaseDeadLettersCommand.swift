import ArgumentParser
import Daemon

/// `iot base dead-letters`: the measurements that the dashboard has refused for good.
struct BaseDeadLettersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "List measurements that the dashboard has refused, try them again, or drop them.",
        discussion: """
            They can be looked at and changed while the base runs, and while it does not.

            Examples:
              iot base dead-letters list --config config.json
              iot base dead-letters retry --all --config config.json
              iot base dead-letters drop --unit 192.168.1.20 --status 404 --config config.json
            """,
        subcommands: [ListCommand.self, RetryCommand.self, DropCommand.self],
        defaultSubcommand: ListCommand.self)

    struct ListCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show the measurements that were refused, oldest first.")

        @OptionGroup var folder: DeadLetterFolderOptions
        @OptionGroup var filter: DeadLetterFilter

        @Flag(help: "Print one line of JSON a measurement.")
        var json = false

        func run() async throws {
            guard let letters = try folder.open() else { return try printNone() }
            let chosen = try await letters.list().filter { filter.includes($0.letter) }
            if json {
                for row in chosen { try Daemon.printLine(DeadLetterLine(row.letter, isRetried: row.isRetried)) }
            } else if chosen.isEmpty {
                try printNone()
            } else {
                print(DeadLetterTable(chosen).text, terminator: "")
            }
        }

        private func printNone() throws {
            if !json { print("no dead letters") }
        }
    }

    struct RetryCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Have measurements delivered once more.",
            discussion: """
                The base that runs, or the next one that is started, delivers them within seconds. One that is refused again is a dead letter again.
                """)

        @OptionGroup var folder: DeadLetterFolderOptions
        @OptionGroup var choice: DeadLetterChoice

        func run() async throws {
            let count = try await choice.perform(folder) { try await $0.retry($1) }
            print("\(count) to be tried again")
        }
    }

    struct DropCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drop", abstract: "Forget measurements for good.")

        @OptionGroup var folder: DeadLetterFolderOptions
        @OptionGroup var choice: DeadLetterChoice

        func run() async throws {
            let count = try await choice.perform(folder) { try await $0.drop($1) }
            print("\(count) dropped")
        }
    }
}
