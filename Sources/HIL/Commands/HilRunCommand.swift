import ArgumentParser
import Daemon
import Foundation
import Settings

/// `iot hil run`: suites on a rig.
struct HilRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run suites on a rig.",
        discussion: """
            Exit codes: 0 all passed, 1 a case failed, 3 one was flaky, 4 the bench is not what the rig says, 5 some were \
            skipped, 64 wrong usage, 78 a file that is wrong, 130 interrupted.

            On simulated units, and one suite fifty times on a bench:
              iot hil run hil/suites --rig hil/rigs/sim.yaml --allow skipped
              iot hil run hil/suites/connect.yaml --rig bench.yaml --repeat 50 --until-failure --output results
            """)

    @OptionGroup var files: HilFiles

    @Option(help: "The rig's file.", completion: .file(extensions: ["yaml", "yml"]))
    var rig: String

    @Option(help: "Write the report, JUnit XML and all transcripts into this folder.", completion: .directory)
    var output: String?

    @Option(name: .customLong("repeat"), help: "Run all so many times.")
    var count = 1

    @Flag(help: "End with the first case that is failed, flaky or infrastructure.")
    var untilFailure = false

    @Option(help: "Try a case that has failed so many times again; one that passes then is flaky.")
    var retries = 0

    @Option(help: "What counts as passed for the exit code: skipped, flaky, or both with a comma between.")
    var allow = ""

    @Option(help: "How many cases run at once, where they share no board.")
    var jobs = 1

    @Option(
        help: "Where real boards are locked against other runs (default: \(LockFolder.usual.path), for all users).",
        completion: .directory)
    var lockFolder: String?

    @Option(help: "How long a case waits for boards that another run holds, such as 10m; 24h at most.")
    var waitForBoards = "0s"

    @Flag(help: "Tell progress as plain lines on a terminal too.")
    var plain = false

    func validate() throws {
        guard (1...1_000_000).contains(count) else {
            throw ValidationError("--repeat must be from 1 to 1000000, not \(count)")
        }
        guard (0...100).contains(retries) else {
            throw ValidationError("--retries must be from 0 to 100, not \(retries)")
        }
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs must be from 1 to 64, not \(jobs)") }
        _ = try allowed()
        _ = try boardWait()
    }

    private func boardWait() throws -> Duration {
        guard let time = Duration(settingsText: waitForBoards), time <= .seconds(86_400) else {
            throw ValidationError(
                "--wait-for-boards takes a time up to 24h such as 90s or 10m, not \"\(waitForBoards)\"")
        }
        return time
    }

    private func allowed() throws -> Set<Verdict> {
        Set(
            try allow.split(separator: ",").map { word in
                guard let verdict = Verdict(rawValue: String(word)), verdict.canBeAllowed else {
                    throw ValidationError("--allow takes skipped, flaky, or skipped,flaky, not \"\(word)\"")
                }
                return verdict
            })
    }

    func run() async throws {
        let rigFile: RigFile
        let cases: [SuiteCase]
        do {
            (rigFile, cases) = try files.read(rig: rig)
        } catch let error as HilFiles.Wrong {
            error.tell()
            throw ExitCode(HilFiles.Wrong.exitCode)
        }
        guard cases.count * count <= Self.mostCases else {
            Self.tell(
                "--repeat \(count) makes \(cases.count * count) cases of \(cases.count); at most \(Self.mostCases) are run at once"
            )
            throw ExitCode(Self.usageCode)
        }
        let folder: OutputFolder?
        let page: ReportPage?
        do {
            folder = try output.map { try OutputFolder(URL(filePath: $0)) }
            page = try output.map { _ in try ReportPage() }
        } catch {
            Self.tell("\(error)")
            throw ExitCode(Self.usageCode)
        }
        var options = RunOptions(
            output: folder, count: count, untilFailure: untilFailure, retries: retries, jobs: jobs,
            command: CommandLine.arguments)
        options.boardWait = try boardWait()
        if let lockFolder { options.lockFolder = URL(filePath: lockFolder) }
        let follower = ProgressChoice.follower(isPlain: plain)
        let run = SuiteRun(
            cases: cases, rig: rigFile, options: options, iot: try Self.thisExecutable(),
            follower: follower, prompt: TerminalPrompt(follower: follower))
        signal(SIGPIPE, SIG_IGN)
        let work = Task { await run.run() }
        let interruption = Interruption { work.cancel() }
        let result = await work.value
        var code = interruption.hasCome ? Self.interruptedCode : result.exitCode(allowing: try allowed())
        if let folder, let page {
            do {
                try folder.write(result, page: page)
            } catch {
                Self.tell("\(error)")
                // A run of which nothing is left is not one that has passed.
                if code == 0 { code = Verdict.infrastructure.exitCode }
            }
        }
        throw ExitCode(code)
    }

    private static let usageCode: Int32 = 64
    /// All of them are known from the first to the report.
    private static let mostCases = 1_000_000
    private static let interruptedCode: Int32 = 130

    private static func tell(_ text: String) { FileHandle.standardError.write(Data("Error: \(text)\n".utf8)) }

    private static func thisExecutable() throws -> URL {
        URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    }
}
