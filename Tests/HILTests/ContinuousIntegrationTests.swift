import Foundation
import Settings
import TestSupport
import Testing

@testable import HIL

/// The templates in packaging/ci that users copy.
@Suite struct ContinuousIntegrationTests {
    private func template(_ name: String) throws -> (node: SettingsNode, text: String) {
        let file = repositoryRoot.appending(path: "packaging/ci/\(name)")
        let text = try String(contentsOf: file, encoding: .utf8)
        return (try SettingsNode(yaml: text), text)
    }

    /// All that a shell is to run: GitHub's `run`, GitLab's `script`.
    private func scripts(_ node: SettingsNode) -> [String] {
        switch node {
        case .map(let entries):
            entries.flatMap { entry in
                switch (entry.key, entry.value) {
                case ("run", .string(let script)): [script]
                case ("script", .list(let lines)):
                    lines.compactMap { if case .string(let line) = $0 { line } else { nil } }
                default: scripts(entry.value)
                }
            }
        case .list(let nodes): nodes.flatMap(scripts)
        default: []
        }
    }

    /// The calls of the command in scripts, each as its words.
    private func calls(_ scripts: [String]) -> [[String]] {
        scripts.flatMap { script in
            script.replacing("\\\n", with: " ").split(separator: "\n").compactMap { line -> [String]? in
                let words = line.split(separator: " ").map(String.init)
                guard words.first == ".build/release/iot" else { return nil }
                return Array(words.dropFirst().prefix { !["||", "&&", "|", ";"].contains($0) })
            }
        }
    }

    private func value(_ node: SettingsNode, _ path: String...) -> SettingsNode? {
        path.reduce(node) { node, key in
            guard case .map(let entries)? = node else { return nil }
            return entries.first { $0.key == key }?.value
        }
    }

    @Test(arguments: ["github-actions.yml", "gitlab-ci.yml"])
    func `what a template calls exists, with all its options, and its scripts are a shell's`(name: String) async throws
    {
        let scripts = scripts(try template(name).node)
        let calls = calls(scripts)
        #expect(calls.count(where: { $0.starts(with: ["hil", "run"]) }) == 2)
        #expect(calls.count(where: { $0.starts(with: ["hil", "check"]) }) == 1)
        for call in calls {
            let command = call.prefix(call[0] == "hil" ? 2 : 1)
            let help = try await FinishedCommand.run(command + ["--help"])
            #expect(help.end == "exit code 0", "\(command)")
            let known = Set(help.output.joined(separator: " ").split { " ,[]()=<>".contains($0) }.map(String.init))
            for option in call where option.hasPrefix("-") {
                #expect(known.contains(option), "\(command.joined(separator: " ")) has no \(option)")
            }
            for path in call where path.hasPrefix("hil/") && path != "hil/rigs/bench.yaml" {
                #expect(FileManager.default.fileExists(atPath: repositoryRoot.appending(path: path).path), "\(path)")
            }
        }
        for script in scripts {
            let shell = try await FinishedCommand.run(
                .init(
                    name: "sh", executable: URL(filePath: "/bin/sh"), arguments: ["-n", "-c", script], readsErrors: true
                ))
            #expect(shell == FinishedCommand(end: "exit code 0", output: [], errors: []), "\(script)")
            for word in script.split(whereSeparator: \.isWhitespace) where word.hasPrefix("packaging/") {
                let path = repositoryRoot.appending(path: String(word)).path
                #expect(FileManager.default.isExecutableFile(atPath: path), "\(word)")
            }
        }
    }

    @Test(arguments: ["github-actions.yml", "gitlab-ci.yml"])
    func `a template says what each exit code means`(name: String) throws {
        let text = try template(name).text
        for verdict in Verdict.allCases {
            #expect(
                text.contains(try Regex("(?m)^#   \(verdict.exitCode) +[a-z]")), "\(verdict) is \(verdict.exitCode)")
        }
    }

    @Test func `GitHub's bench runs one at a time, on a runner of its own, and results are kept in any case`() throws {
        let node = try template("github-actions.yml").node
        #expect(value(node, "jobs", "bench", "runs-on") == .list([.string("self-hosted"), .string("hil")]))
        #expect(value(node, "jobs", "bench", "concurrency", "cancel-in-progress") == .bool(false))
        #expect(value(node, "permissions", "contents") == .string("read"))
        for job in ["sim", "bench"] {
            guard case .list(let steps)? = value(node, "jobs", job, "steps"), let last = steps.last else {
                Issue.record("\(job) has no steps")
                continue
            }
            #expect(value(last, "uses") == .string("actions/upload-artifact@v4"))
            #expect(value(last, "if") == .string("${{ !cancelled() }}"))
            #expect(value(last, "with", "path") == .string("hil-results"))
        }
    }

    @Test func `what an earlier run has left on a bench is never kept as this one's`() throws {
        let github = try template("github-actions.yml").node
        guard case .list(let steps)? = value(github, "jobs", "bench", "steps") else {
            Issue.record("the bench has no steps")
            return
        }
        // The folder stays between runs, as what was built does; what fails before the suites would leave it.
        #expect(value(steps[0], "with", "clean") == .bool(false))
        #expect(value(steps[1], "run") == .string("rm -rf hil-results"))
        let gitlab = try template("gitlab-ci.yml").node
        #expect(value(gitlab, "bench", "variables", "GIT_CLEAN_FLAGS") == .string("-ffdx -e .build"))
    }

    @Test func `GitLab reads the JUnit file that a run writes, warns of what is flaky, and tries infrastructure again`()
        throws
    {
        let node = try template("gitlab-ci.yml").node
        #expect(value(node, ".hil", "artifacts", "reports", "junit") == .string("hil-results/\(OutputFolder.junit)"))
        #expect(value(node, ".hil", "artifacts", "when") == .string("always"))
        #expect(
            value(node, ".hil", "allow_failure", "exit_codes")
                == .list([.integer(Int(Verdict.flaky.exitCode))]))
        #expect(
            value(node, ".hil", "retry", "exit_codes") == .list([.integer(Int(Verdict.infrastructure.exitCode))]))
        #expect(value(node, "bench", "resource_group") == .string("hil-bench"))
        for job in ["sim", "bench"] { #expect(value(node, job, "extends") == .string(".hil")) }
    }
}
