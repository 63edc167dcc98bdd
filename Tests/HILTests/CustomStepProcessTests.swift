import Foundation
import TestSupport
import Testing

/// The steps in Swift that ship, by real runs in which they have to fail.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CustomStepProcessTests {
    private func run(_ step: String) async throws -> FinishedCommand {
        try await withTemporaryDirectory { folder in
            let (suite, rig) = (folder.appending(path: "s.yaml"), folder.appending(path: "r.yaml"))
            try Data(
                """
                name: s
                given:
                  left: {kind: read, abilities: [network, serial]}
                  right: {kind: read, abilities: [network, serial]}
                steps:
                  - start: hub
                  - start: base
                  - hub expects: {unit: left}
                    within: 60s
                  - hub expects: {unit: right}
                    within: 60s
                  - step: \(step)
                    within: 2m

                """.utf8
            ).write(to: suite)
            try Data(
                "name: r\nboards: {a: {kind: read, driver: simulated}, b: {kind: read, driver: simulated}}\n".utf8
            ).write(to: rig)
            return try await FinishedCommand.run(["hil", "run", suite.path, "--rig", rig.path])
        }
    }

    @Test("Units that come back nearer to each other than is wanted, and further, are told")
    func reconnectSpread() async throws {
        let together = try await run("{name: reconnect-spread, rounds: 2, away: 100ms, least: 100s, most: 200s}")
        #expect(together.end == "exit code 1")
        #expect(
            together.output.contains {
                $0.contains("the units were connected together: in 2 rounds never more than ")
            }, "\(together.output)")
        let apart = try await run("{name: reconnect-spread, away: 100ms, most: 0s}")
        #expect(apart.end == "exit code 1")
        #expect(apart.output.contains { $0.contains(" s apart, more than 0.000 s") }, "\(apart.output)")
    }

    @Test("A sensor that measures more or less often than is wanted, in the mean, is told")
    func meanPause() async throws {
        let done = try await run("{name: mean-pause, unit: left, count: 2, least: 100s, most: 200s}")
        #expect(done.end == "exit code 1")
        #expect(
            done.output.contains {
                $0.contains("left measures every ") && $0.contains(" not every 100.000 to 200.000 s")
            },
            "\(done.output)")
    }
}
