import ArgumentParser
import Daemon

/// `iot sim fleet`: all units of a file.
struct SimFleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Simulate all units that a fleet file describes.",
        discussion: """
            Four sensors and two lamps:
              iot sim fleet docs/examples/fleet.yaml
            """)

    @Argument(help: "The fleet file (YAML); docs/fleet.schema.json describes it.")
    var file: String

    @Flag(
        help: """
            Print JSON lines on stdout: {"units": [...]} when all listen, then {"unit", "shows", "at"} each time a lamp \
            sets its pixels. Console text is then dropped, unless --console-dir keeps it.
            """)
    var json = false

    @OptionGroup var console: ConsoleOptions
    @OptionGroup var daemon: DaemonOptions

    func validate() throws {
        if json, console.console == .stdout {
            throw ValidationError("with --json, stdout is for JSON lines; use --console-dir for console text")
        }
    }

    func run() async throws {
        let fleet = try FleetFile(path: file)
        let destination = console.destination(usual: json ? .none : .stdout)
        try await FleetRunner(fleet: fleet, console: destination, options: daemon, json: json).run()
    }
}
