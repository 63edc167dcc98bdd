import Foundation
import TestSupport
import Testing

/// The view at a real terminal.
@Suite(.timeLimit(.minutes(3)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct ScreenTests {
    private struct Finding: Decodable {
        var what: String
        var `is`: Bool
    }

    @Test("what stood on the terminal is back when the view ends, and while it is stopped or in the background")
    func restored() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "fleet.yaml")
            try "cohorts: [{name: l, kind: updatable, count: 4, addresses: 127.39.1.1}]".write(
                to: file, atomically: true, encoding: .utf8)
            let lines = try await PythonPeer.run("fleet_view.py", [try BuiltCommand.executable().path, file.path])
            let findings = try lines.map { try JSONDecoder().decode(Finding.self, from: Data($0.utf8)) }
            #expect(findings.filter { !$0.is }.map(\.what) == [])
            #expect(findings.count == 6)
        }
    }
}
