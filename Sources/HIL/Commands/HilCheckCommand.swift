import ArgumentParser
import Foundation
import TerminalText

/// `iot hil check`: all that is wrong with suites and a rig.
struct HilCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say all that is wrong with suites and a rig, or what would be run.",
        discussion: """
            Before a run, and what a rig would skip:
              iot hil check hil/suites
              iot hil check hil/suites --rig hil/rigs/sim.yaml

            Exit codes: 0 nothing is wrong, 78 something is, each problem on a line of its own. A program of a step that is \
            not on this machine is a warning.
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
                Self.warn(of: cases)
                for one in cases { print(Self.line(one, on: rigFile)) }
            } else {
                let cases = try files.read()
                Self.warn(of: cases)
                for one in cases { print("\(one.name): \(one.steps.count) steps") }
            }
        } catch let wrong as HilFiles.Wrong {
            wrong.tell()
            throw ExitCode(HilFiles.Wrong.exitCode)
        }
    }

    /// Of programs that steps run and that this machine, which may be another than the bench, has not.
    private static func warn(of cases: [SuiteCase]) {
        var told: Set<String> = []
        for one in cases {
            for step in one.steps {
                for program in step.action.programs where program != "iot" {
                    let path = (try? Program.executable(program))?.path ?? ""
                    let warning =
                        "\(one.file):\(step.line): warning: run: there is no program \(program.printable) here"
                    guard !FileManager.default.isExecutableFile(atPath: path), told.insert(warning).inserted else {
                        continue
                    }
                    FileHandle.standardError.write(Data((warning + "\n").utf8))
                }
            }
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
