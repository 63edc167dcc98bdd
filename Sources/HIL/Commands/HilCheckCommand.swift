import ArgumentParser
import Foundation

/// `iot hil check`: all that is wrong with suites and a rig.
struct HilCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say all that is wrong with suites and a rig, or what would be run.",
        discussion: """
            Before a run, and what a rig would skip:
              iot hil check hil/suites
              iot hil check hil/suites --rig hil/rigs/sim.yaml
            """)

    @OptionGroup var files: HilFiles

    @Option(
        help: "The rig's file; then each case is told with its boards, or why it would be skipped.",
        completion: .file(extensions: ["yaml", "yml"]))
    var rig: String?

    func run() throws {
        do {
            if let rig {
                let (rigFile, cases) = try files.read(rig: rig)
                for one in cases { print(Self.line(one, on: rigFile)) }
            } else {
                for one in try files.read() { print("\(one.name): \(one.steps.count) steps") }
            }
        } catch let wrong as HilFiles.Wrong {
            wrong.tell()
            throw ExitCode(HilFiles.Wrong.exitCode)
        }
    }

    private static func line(_ one: SuiteCase, on rig: RigFile) -> String {
        switch Match(one.given, on: rig.boards) {
        case .lacking(let why): "\(one.name): skipped, \(why)"
        case .boards(let names):
            "\(one.name): " + names.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
        }
    }
}
