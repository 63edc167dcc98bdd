import Daemon
import Foundation
import TestSupport
import Testing

/// The unit file of the base, as systemd's own tools read it.
@Suite(.timeLimit(.minutes(5)), .enabled(if: DebianTools.canAnalyze, DebianTools.reason))
struct ServiceUnitTests {
    private static let unit = repositoryRoot.appending(path: "packaging/iot-base.service")

    private func analyzed(_ arguments: [String]) async throws -> FinishedCommand {
        await FinishedCommand.run(
            try ChildProcess(
                name: "systemd-analyze", executable: DebianTools.analyze, arguments: arguments, readsErrors: true))
    }

    @Test("the exposure that systemd-analyze security sees is at most 1.5")
    func exposure() async throws {
        let finished = try await analyzed(["security", "--offline=true", "--threshold=15", Self.unit.path])
        #expect(finished.end == "exit code 0", "\(finished.output.suffix(3)) \(finished.errors)")
        #expect(finished.output.contains { $0.contains("Overall exposure level for iot-base.service: 1.1 OK") })
    }

    @Test("systemd understands every line of it")
    func syntax() async throws {
        // The command that it starts has another place here.
        try await withTemporaryDirectory { directory in
            let text = try String(contentsOf: Self.unit, encoding: .utf8)
            let unit = directory.appending(path: "iot-base.service")
            try text.replacing("ExecStart=/usr/bin/iot", with: "ExecStart=/bin/true").replacing(
                /Documentation=.*/, with: ""
            ).write(to: unit, atomically: true, encoding: .utf8)
            let finished = try await analyzed(["verify", unit.path])
            #expect(finished == FinishedCommand(end: "exit code 0", output: [], errors: []))
        }
    }
}
