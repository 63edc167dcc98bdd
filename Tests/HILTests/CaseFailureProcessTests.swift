import Foundation
import TestSupport
import Testing

/// What only a real hub, or a whole case, lets a step find, by real runs.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CaseFailureProcessTests {
    private static let units = "  sensor: {kind: read, driver: simulated}\n  lamp: {kind: lamp, driver: simulated}"

    /// The exit code, and the reasons of what has not passed.
    private func run(
        _ steps: String, limit: String = "2m", units: String = units, given: String, in folder: URL
    ) async throws -> (end: String, reason: String) {
        let (suite, rig) = (folder.appending(path: "s.yaml"), folder.appending(path: "r.yaml"))
        try Data("name: s\nlimit: \(limit)\ngiven: {\(given)}\nsteps:\n\(steps)\n".utf8).write(to: suite)
        try Data("name: r\nboards:\n\(units)\n".utf8).write(to: rig)
        let done = try await FinishedCommand.run([
            "hil", "run", suite.path, "--rig", rig.path, "--lock-folder", folder.appending(path: "locks").path,
        ])
        return (done.end, done.output.joined(separator: "\n"))
    }

    private static let both = "  - start: hub\n  - start: base\n"

    @Test("A request that comes to something else than what is wanted fails the step")
    func request() async throws {
        try await withTemporaryDirectory { folder in
            let given = "lamp: {kind: lamp, abilities: [network]}"
            let refused = try await run(
                Self.both + "  - request: {unit: lamp, colour: red, result: refused}\n    within: 60s", given: given,
                in: folder)
            #expect(refused.end == "exit code 1", "\(refused.reason)")
            #expect(
                refused.reason.contains(
                    "line 7, request: {unit: lamp, colour: red, result: refused}: the request was acknowledged, not refused"
                ), "\(refused.reason)")
            let listens = try await run(
                Self.both + "  - request: {unit: lamp, colour: red}\n    within: 60s\n"
                    + "  - request: {unit: lamp, colour: red, result: no-base}\n    within: 300ms",
                given: given, in: folder)
            #expect(listens.end == "exit code 1", "\(listens.reason)")
            #expect(
                listens.reason.contains(
                    "line 9, request: {unit: lamp, colour: red, result: no-base}: not within 300ms"),
                "\(listens.reason)")
        }
    }

    @Test("A measurement that the hub has, though it should have none, fails the step")
    func nothing() async throws {
        try await withTemporaryDirectory { folder in
            let done = try await run(
                Self.both + "  - hub expects: {unit: sensor}\n    within: 60s\n"
                    + "  - hub expects nothing: {unit: sensor, for: 50s}\n    within: 60s",
                given: "sensor: {kind: read, abilities: [network]}", in: folder)
            #expect(done.end == "exit code 1", "\(done.reason)")
            #expect(
                done.reason.contains(
                    /line 9, hub expects nothing: .*: the hub has a measurement of sensor that it should not have: \d+/),
                "\(done.reason)")
        }
    }

    @Test("A case that has had its time fails, before a step and in the midst of one")
    func limit() async throws {
        try await withTemporaryDirectory { folder in
            func unit(_ script: String) -> String {
                "  slow: {kind: read, driver: command, start: [sh, -c, '\(script)echo on port 8888; exec cat']}"
            }
            let given = "slow: {kind: read, abilities: [network]}"
            let before = try await run(
                "  - wait: 10ms", limit: "1s", units: unit("sleep 2; "), given: given, in: folder)
            #expect(before.end == "exit code 1", "\(before.reason)")
            #expect(
                before.reason.contains("line 5, wait: 10ms: the case has had its time, 1s"), "\(before.reason)")
            let midst = try await run(
                "  - run: {command: [sleep, \"60\"]}\n    within: 60s", limit: "10s", units: unit(""), given: given,
                in: folder)
            #expect(midst.end == "exit code 1", "\(midst.reason)")
            #expect(midst.reason.contains("line 5, run: {command: [sleep, 60]}: not within "), "\(midst.reason)")
            #expect(!midst.reason.contains("not within 1m"), "\(midst.reason)")
        }
    }
}
