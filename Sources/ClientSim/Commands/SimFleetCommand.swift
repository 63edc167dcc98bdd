import ArgumentParser
import Daemon
import Glibc

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

    @Option(
        help: "Take only this part of the units, such as 2/5: the second of five machines with the same file.",
        transform: Shard.argument)
    var shard = Shard.whole

    @Option(help: "How many processes run the units (default: as many as the limit of open files makes necessary).")
    var workers: Int?

    @OptionGroup var watch: WatchOptions
    @OptionGroup var console: ConsoleOptions
    @OptionGroup var daemon: DaemonOptions

    func validate() throws {
        if json, console.console == .stdout {
            throw ValidationError("with --json, stdout is for JSON lines; use --console-dir for console text")
        }
        if watch.view, json || console.console == .stdout {
            throw ValidationError("with --view, stdout is the view; leave --json and --console stdout away")
        }
        if watch.view, isatty(STDOUT_FILENO) == 0 {
            throw ValidationError("--view wants a terminal; without one, --control serves /metrics and /state")
        }
        if let workers, !(1...FleetError.mostWorkers).contains(workers) {
            throw ValidationError("--workers must be from 1 to \(FleetError.mostWorkers)")
        }
    }

    func run() async throws {
        let fleet = try FleetFile(path: file)
        let destination = console.destination(usual: json || watch.view ? .none : .stdout)
        try await FleetRunner(
            fleet: fleet, path: file, shard: shard, workers: workers, console: destination, options: daemon, json: json,
            watch: watch
        ).run()
    }
}

extension Shard {
    /// For `transform:` of an option.
    static func argument(_ text: String) throws -> Shard {
        guard let shard = Shard(text) else {
            throw ValidationError("must be a part such as 2/5, the second of five, not \"\(text)\"")
        }
        return shard
    }
}
