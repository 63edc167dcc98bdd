import Daemon
import Foundation
import Glibc
import TestSupport
import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(5)))
struct InterruptionTests {
    /// While a large report is written nobody else holds it any more.
    @Test func `it looks out for signals as long as the process lives, though nobody holds it`() async throws {
        let process = try ChildProcess(
            name: "HILProbe", executable: BuiltCommand.executable("HILProbe"), arguments: ["interruption"])
        let timer = Task {
            try await Task.sleep(for: .seconds(60))
            kill(process.processIdentifier, SIGKILL)
        }
        defer { timer.cancel() }
        var lines = process.lines.makeAsyncIterator()
        #expect(await lines.next() == "looks out")
        kill(process.processIdentifier, SIGINT)
        #expect(await lines.next() == "stop")
        kill(process.processIdentifier, SIGINT)
        #expect(await process.waitForEnd() == "exit code 130")
    }
}
