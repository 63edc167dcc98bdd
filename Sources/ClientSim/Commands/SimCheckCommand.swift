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
        let layout = try FleetFile(path: file).layout
        let sensors = layout.cohorts.reduce(0) { $0 + ($1.kind == .read ? $1.count : 0) }
        print("\(file): \(layout.count) units, \(sensors) read and \(layout.count - sensors) updatable")
    }
}
