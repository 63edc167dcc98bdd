import Foundation
import Logging
import TestSupport
import Testing

@testable import Up

@Suite(.timeLimit(.minutes(5)))
struct RunningPartsTests {
    private let part = Part(name: "part", arguments: [])

    /// Runs `body` with a program that this shell script is; `$0.count` counts its starts, from 1.
    private func withProgram(_ script: String, _ body: (URL) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let program = directory.appending(path: "program")
            let text = "#!/bin/sh\necho >> $0.count\nstart=$(wc -l < $0.count)\n\(script)\n"
            try Data(text.utf8).write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program.path)
            try await body(program)
        }
    }

    @Test("a part that is silent at one of its starts is started again")
    func silent() async throws {
        let script = """
            case $start in
            1) echo ready;;
            2) exec sleep 600;;
            *) echo ready; exec sleep 600;;
            esac
            """
        try await withProgram(script) { program in
            let parts = RunningParts(
                executable: program, logger: Logger(label: "test"), startLimit: .seconds(3))
            #expect(try await parts.start(part) == Data("ready".utf8))
            let keeper = Task { try await parts.keepRunning(part) }
            let count = program.appendingPathExtension("count")
            try await eventually("a third start", within: .seconds(60)) {
                (try? Data(contentsOf: count).count) ?? 0 >= 3
            }
            keeper.cancel()
            await parts.stopAll()
        }
    }

    @Test("a part that cannot be started is tried again, and given up when its starts are used up")
    func cannotStart() async throws {
        try await withProgram("echo ready; rm $0") { program in
            let parts = RunningParts(executable: program, logger: Logger(label: "test"))
            _ = try await parts.start(part)
            await #expect(throws: UpError.childKeepsFailing("part")) { try await parts.keepRunning(part) }
        }
    }
}
