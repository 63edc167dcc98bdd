import ArgumentParser

/// `iot hub`: the local dashboard and broker.
public struct HubCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "hub",
        abstract: "Run the local dashboard and Pusher-compatible broker, or look after its accounts.",
        discussion: """
            Start a hub that keeps its state in ./hub-state, and make a token for a base:
              iot hub run --state ./hub-state --port 8080
              iot hub token create --state ./hub-state --name base --ability base
            """,
        subcommands: [HubRunCommand.self, HubTokenCommand.self, HubUserCommand.self, HubLinksCommand.self],
        defaultSubcommand: HubRunCommand.self)

    public init() {}
}

/// Where the hub keeps what it must not forget.
struct StateOption: ParsableArguments {
    @Option(
        name: .customLong("state"),
        help: "The directory in which the hub keeps its state; it is made, or must be one in which only you may write.",
        completion: .directory)
    var path = "hub-state"
}
