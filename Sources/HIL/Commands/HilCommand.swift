import ArgumentParser

/// `iot hil`: suites of tests that run alike on simulated units, virtual boards and real ones.
public struct HilCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "hil",
        abstract: "Run suites of tests against simulated units, virtual boards and real boards alike.",
        subcommands: [HilRunCommand.self, HilCheckCommand.self, HilNewCommand.self])

    public init() {}
}
