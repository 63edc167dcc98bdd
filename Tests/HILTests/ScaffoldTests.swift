import Foundation
import TestSupport
import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(3)))
struct ScaffoldTests {
    private let rig = repositoryRoot.appending(path: "hil/rigs/sim.yaml").path

    @Test(.enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func `a new suite is accepted, runs on simulated units, and is not written over`() async throws {
        try await withTemporaryDirectory { parent in
            let folder = parent.appending(path: "a/suites").path
            let made = try await FinishedCommand.run(["hil", "new", "reboot-twice", "--folder", folder])
            let path = folder + "/reboot-twice.yaml"
            #expect(made == FinishedCommand(end: "exit code 0", output: [path], errors: []))
            let check = try await FinishedCommand.run(["hil", "check", path, "--rig", rig])
            #expect(check.end == "exit code 0")
            #expect(check.errors == [])
            let results = parent.appending(path: "results")
            let run = try await FinishedCommand.run(["hil", "run", path, "--rig", rig, "--output", results.path])
            #expect(run.end == "exit code 0", "\(run)")
            #expect(run.output.last?.hasSuffix(": 2 passed") == true, "\(run)")
            let left = try FileManager.default.contentsOfDirectory(atPath: results.path).sorted()
            #expect(left == [".iot-hil-results", "junit.xml", "report.html", "run.json", "transcripts"])
            let base = results.appending(path: "transcripts/1-reboot-twice__colour_red_/base-base.log")
            #expect(try String(contentsOf: base, encoding: .utf8).contains("base.started"))
            let read = try await PythonPeer.run(
                "junit_reader.py", [results.appending(path: OutputFolder.junit).path])
            #expect(read.last == "2 cases, counts agree")
            try Data("mine".utf8).write(to: URL(filePath: path))
            let again = try await FinishedCommand.run(["hil", "new", "reboot-twice", "--folder", folder])
            #expect(again.end == "exit code 1")
            #expect(again.errors == ["Error: \(path) is there already, and is left as it is; take another name"])
            #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "mine")
        }
    }

    @Test(arguments: ["7", "true", "No", "_a", "1e3", "2026-01-31", "null"])
    func `a name that YAML would take for something else is a name`(name: String) async throws {
        try await withTemporaryDirectory { folder in
            let path = try SuiteScaffold(name: SuiteName(name)).write(in: folder.path)
            let check = try await FinishedCommand.run(["hil", "check", path])
            #expect(check.end == "exit code 0", "\(check)")
            #expect(check.output.allSatisfy { $0.hasPrefix("\(name) [colour=") })
        }
    }

    @Test(arguments: ["", "a b", "../x", "-a", "ü", ".", String(repeating: "a", count: 65)])
    func `a name that no file should have is refused`(name: String) {
        #expect(throws: ScaffoldError.badName(name)) { try SuiteName(name) }
    }
}
