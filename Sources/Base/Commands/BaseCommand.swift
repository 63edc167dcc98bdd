import ArgumentParser

/// `iot base`: the gateway between units and dashboard.
public struct BaseCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "base",
        abstract: "Keep the connections to units; carry measurements and commands.",
        usage: """
            iot base [run] [--config <file>] [--json] [<log options>]
            iot base <subcommand>
            """,
        discussion: """
            Examples:
              iot base --config config.json
              iot base check --config config.json
              iot base status
            """,
        subcommands: [
            BaseRunCommand.self, BaseCheckCommand.self, BasePrintConfigCommand.self, BaseStatusCommand.self,
            BaseDeadLettersCommand.self,
        ],
        defaultSubcommand: BaseRunCommand.self)

    public init() {}
}
