import ArgumentParser

/// `iot sim check`: all that is wrong with a fleet file.
struct SimCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say all that is wrong with a fleet file, or how many units it has.",
        discussion: """
            Before a long run:
              iot sim check docs/examples/fleet.yaml
            """)

    @Argument(help: "The fleet file (YAML).")
    var file: String

    func run() throws {
        let plans = try FleetFile(path: file).plans
        let sensors = plans.count { $0.kind == .read }
        print("\(file): \(plans.count) units, \(sensors) read and \(plans.count - sensors) updatable")
    }
}
