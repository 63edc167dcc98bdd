import TestSupport
import Testing

/// Several `iot base` over one set of units, with a real etcd.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseClusterTests {
    /// What is found, without what is only measured: that is printed.
    private func findings(_ scenario: String) async throws -> [String] {
        let all = try await Findings.of("base_cluster.py", scenario, within: .seconds(400))
        for measured in all where measured.hasPrefix("measured") { print("\(scenario): \(measured)") }
        return all.filter { !$0.hasPrefix("measured") }
    }

    @Test(
        "three bases share 300 units evenly; killed, stopped or cut off, they never hold one twice, and others take over"
    )
    func failOver() async throws {
        #expect(
            try await findings("fail_over") == [
                "three bases have: [100 | 100 | 100]",
                "two bases have, after the third was killed: [150 | 150]",
                "only its units have moved: true",
                "their tokens have grown: true",
                "in time: true",
                "three bases have, after one came back: [100 | 100 | 100]",
                "so many units have moved: 100",
                "in time: true",
                "the kernel has ended it: -9",
                "in time: true",
                "the one that is cut off runs: true",
                "three bases have, after the cut: [100 | 100 | 100]",
                "they had dropped in time: true",
                "all bases run: true",
                "exit codes: [0 | 0 | 0]",
                "units with two connections at once, ever: 0",
            ])
    }

    @Test("each request is acted on by one base, in order, and told once")
    func commands() async throws {
        #expect(
            try await findings("commands") == [
                "each read unit has got: [red\rblue\r]",
                "each lamp has got: [red\rblue\r]",
                "each result was told once: true",
                "results: [acknowledged]",
                "connections at a time: [1 | 1]",
                "exit codes: [0 | 0 | 0]",
            ])
    }

    @Test("without etcd a base waits and dials nobody; it leaves nothing behind")
    func lateEtcd() async throws {
        #expect(
            try await findings("late_etcd") == [
                "nobody is dialled without a lease: [0 | 0]", "exit code: 0", "what it leaves in etcd: 0",
            ])
    }
}
