import Daemon
import Foundation
import TestSupport
import Testing

/// The suites that ship, on the rigs that ship.
@Suite(.serialized, .timeLimit(.minutes(25)))
struct SuitesOnRigsTests {
    /// Runs all suites in the repository's folder, with what the rigs and suites name relative to it made elsewhere.
    private func run(_ rig: String, _ arguments: [String]) async throws -> FinishedCommand {
        let iot = try BuiltCommand.executable().path
        let process = try ChildProcess(
            name: "iot hil", executable: URL(filePath: "/bin/sh"),
            arguments: [
                "-c", "cd \"$0\" && exec \"$@\"", repositoryRoot.path, iot, "hil", "run", "hil/suites", "--rig", rig,
                "--jobs",
                "3",
            ] + arguments, readsErrors: true)
        return await FinishedCommand.run(process, within: .seconds(1200))
    }

    private func build(_ script: String, _ arguments: [String]) async throws {
        let process = try ChildProcess(
            name: script, executable: repositoryRoot.appending(path: script), arguments: arguments, readsErrors: true)
        #expect(await FinishedCommand.run(process) == FinishedCommand(end: "exit code 0", output: [], errors: []))
    }

    /// The rest of the lines that tell what was skipped, and the last line without its time.
    private func told(_ done: FinishedCommand) -> [String] {
        done.output.filter {
            $0.hasPrefix("skipped  ") && $0.contains("(") || $0.hasPrefix("failed  ") && $0.contains(":")
        }
        .map { $0.prefix { $0 != "(" }.trimmingCharacters(in: .whitespaces) }
    }

    @Test("All suites pass on simulated units, but for those that want what only other firmware or a flash has")
    func sim() async throws {
        let done = try await run("hil/rigs/sim.yaml", ["--allow", "skipped"])
        #expect(done.end == "exit code 0", "\(done.output.suffix(60).joined(separator: "\n"))")
        #expect(
            told(done) == [
                "skipped  brown-out-mid-flash [bytes=18000]", "skipped  brown-out-mid-flash [bytes=32000]",
                "skipped  flash-and-boot", "skipped  line-feed",
            ])
    }

    @Test(
        "All suites pass on virtual boards and the reference firmware",
        .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
    func virtual() async throws {
        try await withTemporaryDirectory { folder in
            try await build("firmware-spec/reference/build", ["host", folder.path])
            try await build("hil/firmware/build", [folder.path])
            let rig = try String(contentsOf: repositoryRoot.appending(path: "hil/rigs/virtual.yaml"), encoding: .utf8)
                .replacing("driver: firmware-host", with: "driver: firmware-host, folder: \(folder.path)")
            let file = folder.appending(path: "virtual.yaml")
            try Data(rig.utf8).write(to: file)
            let done = try await run(file.path, ["--set", "image=\(folder.path)/turns.elf"])
            #expect(done.end == "exit code 0", "\(done.output.suffix(60).joined(separator: "\n"))")
        }
    }

    @Test("The rig of real boards is right, and says what it would play and skip")
    func bench() async throws {
        let done = try await FinishedCommand.run([
            "hil", "check", repositoryRoot.appending(path: "hil/suites").path, "--rig",
            repositoryRoot.appending(path: "hil/rigs/bench-example.yaml").path,
        ])
        #expect(done.end == "exit code 0")
        #expect(done.output.contains("flash-and-boot: board = nodemcu-spare"))
    }
}
