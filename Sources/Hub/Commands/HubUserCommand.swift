import ArgumentParser
import Daemon

/// `iot hub user`: for whoever has lost the password, on the hub's own machine.
struct HubUserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Give a user of the dashboard a new password.",
        discussion: """
            There is one user, admin, made at the hub's first start; users are neither added nor removed here. Who needs \
            access of another kind gets a token: see iot hub token.

            Make a new password for admin:
              iot hub user password --state ./hub-state
            """,
        subcommands: [Password.self])

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user a new random password, print it this once, and end the user's sessions.",
            discussion: """
                Example:
                  iot hub user password --state ./hub-state --user admin
                """)

        @OptionGroup var state: StateOption

        @Option(help: "Whose password it is.")
        var user = HubServer.firstUser

        @OptionGroup var daemon: DaemonOptions

        func run() async throws {
            let store = try Store(in: StateDirectory.existing(at: state.path))
            let accounts = Accounts(
                store: store, passwords: PasswordGate(), logger: daemon.logger("hub"), now: Timestamp.now,
                uptime: { .zero })
            try Daemon.printLine(["user": user, "password": try await accounts.resetPassword(of: user)])
        }
    }
}
