import ArgumentParser

/// `iot hil new`: the beginning of a suite.
struct HilNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write a suite to begin with, which runs as it is on simulated units.",
        discussion: """
            A suite of one's own, and its first run:
              iot hil new reboot-twice
              iot hil run hil/suites/reboot-twice.yaml --rig hil/rigs/sim.yaml

            Exit codes: 0 it is written, 1 it is not, as a file of that name is there, which stays as it is, or cannot be \
            made, 64 wrong usage.
            """)

    @Argument(help: "Its name, and its file's: letters, digits, - and _.", transform: SuiteName.init)
    var name: SuiteName

    @Option(help: "Where its file goes.", completion: .directory)
    var folder = "hil/suites"

    func run() throws {
        print(try SuiteScaffold(name: name).write(in: folder))
    }
}
